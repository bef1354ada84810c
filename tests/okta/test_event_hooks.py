"""The wire form of an event hook, there and back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.okta.event_hooks import body_of, differences, read_event_hook
from okhook.secret import HookAuth, Secret
from tests.okta.fake_org import FakeOrg, shown
from tests.okta.setup import SECRET, WANTED


def test_the_body_is_what_okta_takes() -> None:
    """Every part of a hook in its place."""
    wanted = replace(
        WANTED, headers=(("X-Stage", "test"),), filters=(("user.lifecycle.create", "true"),)
    )
    assert body_of(wanted, description="mine") == snapshot(
        {
            "name": "okhook tests",
            "events": {
                "type": "EVENT_TYPE",
                "items": ["user.lifecycle.create"],
                "filter": {
                    "type": "EXPRESSION_LANGUAGE",
                    "eventFilterMap": [
                        {"event": "user.lifecycle.create", "condition": {"expression": "true"}}
                    ],
                },
            },
            "channel": {
                "type": "HTTP",
                "version": "1.0.0",
                "config": {
                    "uri": "https://hooks.example.com/okta",
                    "headers": [{"key": "X-Stage", "value": "test"}],
                    "authScheme": {
                        "type": "HEADER",
                        "key": "Authorization",
                        "value": "a-very-own-hook-secret",
                    },
                },
            },
            "description": "mine",
        }
    )


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
pairs = st.lists(st.tuples(texts, texts), max_size=3, unique_by=lambda pair: pair[0].lower())


@given(
    name=texts,
    url=texts,
    events=st.lists(texts, max_size=4, unique=True),
    headers=pairs,
    filters=pairs,
    description=st.none() | texts,
    field=st.sampled_from(["Authorization", "X-K"]),
)
def test_what_was_written_is_what_was_wanted(
    name: str, url: str, events: list[str], headers: list[tuple[str, str]],
    filters: list[tuple[str, str]], description: str | None, field: str,
) -> None:  # fmt: skip
    """Written, turned around by an org and read again, no hook differs from itself."""
    auth = HookAuth(field, Secret(SECRET))
    wanted = replace(
        WANTED, name=name, url=url, events=tuple(events), headers=tuple(headers),
        filters=tuple(filters), description=description, auth=auth,
    )  # fmt: skip
    stored = shown(FakeOrg().add(body_of(wanted, description=description)))
    hook = read_event_hook(stored)
    assert differences(wanted, hook) == ()
    assert differences(replace(wanted, url=url + "/"), hook) == ("url",)
    assert differences(replace(wanted, auth=None), hook) == ("auth field",)


def test_half_a_character_in_an_answer_can_be_shown() -> None:
    """JSON may spell half a surrogate pair, which no terminal and no file can be written."""
    hook = FakeOrg().add({**body_of(WANTED, description=None), "name": "a \ud83d hook"})
    assert read_event_hook(hook).name == "a ? hook"


def test_an_org_that_gives_the_secret_back_is_not_repeated() -> None:
    """`authScheme.value` is left out of what is shown, wherever else the secret stands too."""
    stored = FakeOrg().add(body_of(WANTED, description=f"secret is {SECRET}"))
    hook = read_event_hook(stored, (Secret(SECRET),))
    assert SECRET not in repr(hook.raw)
    assert hook.raw["channel"]["config"]["authScheme"] == {"type": "HEADER", "key": "Authorization"}
    assert stored["channel"]["config"]["authScheme"]["value"] == SECRET


@pytest.mark.parametrize("headers", [None, [], [None]])
def test_oktas_ways_of_saying_no_headers(headers: object) -> None:
    """Null, an empty list and a list of null are the same."""
    stored = FakeOrg().add(body_of(WANTED, description=None))
    stored["channel"]["config"]["headers"] = headers
    stored["_links"] = {"self": {"href": "https://evil.example.com"}}
    assert differences(WANTED, read_event_hook(shown(stored))) == ()
