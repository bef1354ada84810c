"""Event hooks as an org might have them, also with hostile texts."""

from typing import Any

from hypothesis import strategies as st

from okhook.okta.event_hooks import EventHook, HeaderPairs, read_event_hook

NASTY = st.text(
    st.sampled_from(
        "\"\\'${}%#=[]\n\r\t\0\x1b\x7f\x85\u202e\u2028\u200d\ue000é😀\U000e0001/*aA1 -_."
    )
    | st.characters(codec="utf-8"),
    max_size=20,
)
FILLED = NASTY.filter(bool)
_PAIRS = st.dictionaries(FILLED, FILLED, max_size=3)


def event_hook(
    name: str = "audit",
    url: str = "https://hooks.example.com/okta",
    *,
    events: tuple[str, ...] = ("user.lifecycle.create",),
    headers: HeaderPairs = (),
    filters: HeaderPairs = (),
    **changes: Any,  # noqa: ANN401 - members of Okta's object, and auth_field
) -> EventHook:
    """Return a hook as Okta's JSON describes it."""
    auth_field = changes.pop("auth_field", None)
    config: dict[str, Any] = {
        "uri": url,
        "headers": [{"key": key, "value": value} for key, value in headers],
        "authScheme": auth_field and {"type": "HEADER", "key": auth_field},
    }
    filter_map = [
        {"event": event_type, "condition": {"expression": expression}}
        for event_type, expression in filters
    ]
    return read_event_hook(
        {
            "id": "who8vt36qfNpCGz9H1e6",
            "name": name,
            "status": "ACTIVE",
            "verificationStatus": "VERIFIED",
            "lastUpdated": "2026-11-01T12:00:00.000Z",
            "events": {
                "type": "EVENT_TYPE",
                "items": list(events),
                "filter": {"type": "EXPRESSION_LANGUAGE", "eventFilterMap": filter_map},
            },
            "channel": {"type": "HTTP", "version": "1.0.0", "config": config},
            **changes,
        }
    )


def hostile_hooks() -> st.SearchStrategy[EventHook]:
    """Return a strategy of hooks in which every text is anything that JSON can carry."""

    def built(
        name: str,
        url: str,
        events: list[str],
        headers: dict[str, str],
        filters: dict[str, str],
        auth_field: str | None,
        description: str,
        status: str,
    ) -> EventHook:
        return event_hook(
            name,
            url,
            events=tuple(events),
            headers=tuple(headers.items()),
            filters=tuple(filters.items()),
            auth_field=auth_field,
            description=description,
            status=status,
        )

    return st.builds(
        built,
        FILLED | st.sampled_from(["twin", "ünïcode", "1", "audit"]),
        NASTY,
        st.lists(FILLED, min_size=1, max_size=3),
        _PAIRS | st.just({"X-Api-Key": "hush-hush", "x-api-key": "hush-hush"}),
        _PAIRS,
        st.none() | FILLED,
        NASTY,
        st.sampled_from(["ACTIVE", "INACTIVE"]),
    )
