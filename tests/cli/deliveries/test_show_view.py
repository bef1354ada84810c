"""One record whole: everything of it that helps, and nothing that a terminal obeys."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.cli.deliveries.view import record_in_full
from okhook.records.activities import RecordShown
from okhook.records.attempt import Attempt
from okhook.records.record import Found, Record, RecordKind
from okhook.text import plain
from tests.export.payloads import payload
from tests.export.strategies import attempts, records
from tests.support.found import attempt, forward, found, record
from tests.support.records import delivery_body, event, post


def lines(each: Found, tried: list[Attempt], *repeats: int) -> list[str]:
    return [line.plain for line in record_in_full(RecordShown(each, tried, repeats))]


@pytest.mark.usefixtures("utc")
def test_a_delivery_is_shown_in_full() -> None:
    """Envelope, request, events with client and debug data, body and attempts."""
    document = payload("user.session.start")
    document["data"]["events"][0]["debugContext"]["debugData"]["risk"] = {"level": "LOW"}
    request = post(
        json.dumps(document).encode(),
        (b"user-agent", b"Okta Hook Service v1.0.0"),
        (b"authorization", b"[hidden]"),
        (b"x-hook-key", b"k3y"),
        (b"x-hookdeck-event-url", b"https://dashboard.hookdeck.com/events/evt_1"),
    )
    shown = lines(found(record(request=request), forward()), [attempt(1, 204)], 42, 43)
    body = json.dumps(document, indent=2).split("\n")
    start = shown.index("{")
    assert shown[start : start + len(body)] == body
    rest = shown[:start] + shown[start + len(body) :]
    assert [line[:80] for line in rest] == snapshot(
        [
            "41  forwarded  user.session.start  SUCCESS  jane.doe@hookdeckexample.com → Okta ",
            "  received  2026-11-24 12:00:00.123456 +0000",
            "  answered  204",
            "  secret    not required",
            "  eventId   1679091c-5a88-0faf-6fb5-e6087eb1b2dc",
            "  eventTime 2026-11-24T12:00:00.123Z",
            "  source    https://dev-123.okta.com/api/v1/eventHooks/who8vt36qfNpCGz9H1e6",
            "  hook      who8vt36qfNpCGz9H1e6",
            "  repeated  by 42, 43",
            "  Hookdeck  https://dashboard.hookdeck.com/events/evt_1",
            "",
            "POST /okta-webhooks-endpoint",
            "  user-agent: Okta Hook Service v1.0.0",
            "  authorization: [hidden]",
            "  x-hook-key: [hidden]",
            "  x-hookdeck-event-url: https://dashboard.hookdeck.com/events/evt_1",
            "",
            "user.session.start",
            "  uuid      cfcd2084-95d5-65ef-66e7-dff9f98764da",
            "  published 2026-11-24T12:00:00.123Z",
            "  message   User login to Okta",
            "  outcome   SUCCESS",
            "  actor     Jane Doe (jane.doe@hookdeckexample.com, 00u3gjksoiRGRAZHLSYV)  User",
            "  target    Okta Verify (pfdc4ca4238a0b923820)  AuthenticatorEnrollment",
            "  target    Salesforce.com (0oac81e728d9d4c2f636)  AppInstance",
            "  client    203.0.113.17  San Francisco, California, United States  CHROME on Ma",
            "  agent     Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (",
            "  debug     requestId: a87ff679a2f3e71d9181a67b7542122c",
            "  debug     requestUri: /idp/idx/identify",
            "  debug     url: /idp/idx/identify?",
            "  debug     targetEventHookIds: who8vt36qfNpCGz9H1e6",
            '  debug     risk: {"level": "LOW"}',
            "",
            "",
            "http://127.0.0.1:3000/hook  forwarded",
            "    1  2026-11-24 12:01:00  204 No Content  12 ms",
        ]
    )
    assert "k3y" not in "\n".join(shown)


def test_every_event_of_a_delivery_is_shown() -> None:
    """A delivery can have several events."""
    body = delivery_body("e", *(event(f"uuid-{n}", f"user.type.n{n}") for n in range(3)))
    shown = lines(found(record(request=post(body))), [])
    assert [line for line in shown if line.startswith("user.type.")] == [
        "user.type.n0",
        "user.type.n1",
        "user.type.n2",
    ]


@pytest.mark.usefixtures("utc")
def test_a_refused_request_has_no_body() -> None:
    """The reason of the refusal is shown, and whether the secret matched."""
    refused = record(
        kind=RecordKind.REFUSED, status=401, reason="no secret", request=post(b"", (b"a", b"1"))
    )
    assert lines(found(refused), []) == snapshot(
        [
            "41  refused  401  POST /okta-webhooks-endpoint: no secret",
            "  received  2026-11-24 12:00:00.123456 +0000",
            "  answered  401  no secret",
            "  secret    not required",
            "",
            "POST /okta-webhooks-endpoint",
            "  a: 1",
        ]
    )


def test_fields_of_unexpected_types_are_shown() -> None:
    """Only the required fields of a delivery must have the documented types."""
    body = json.dumps(
        {
            "data": {
                "events": [
                    {"eventType": "a.b", "client": [], "debugContext": {"debugData": 7}},
                    {"eventType": "c.d", "client": {"userAgent": "x", "ipAddress": {"v": 4}}},
                ]
            },
            "eventTime": ["noon"],
        }
    ).encode()
    shown = lines(found(record(request=post(body))), [])
    assert '  client    {"v": 4}' in shown
    assert '  eventTime ["noon"]' in shown


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "client",
                    "userAgent",
                    "debugContext",
                    "debugData",
                    "displayMessage",
                    "geographicalContext",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
entries = st.dictionaries(
    st.sampled_from(["client", "debugContext", "displayMessage"]), json_values
)


@given(kept=records, tried=st.lists(attempts, max_size=1), entry=entries)
def test_control_characters_are_removed(
    kept: Record, tried: list[Attempt], entry: dict[str, object]
) -> None:
    """Any record, and any delivery with strange members, is harmless line by line."""
    body = delivery_body("\x1b[2J", {**entry, "eventType": "a\u202eb", "uuid": "\x07"})
    for each in (kept, record(request=post(body))):
        assert all(plain(line) == line for line in lines(found(each), tried))
