"""What can be registered as an event hook, and what is refused, with every cause at once."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okhook.sandbox.hook_body import read_hook
from okhook.sandbox.refusals import ApiRefusal
from okhook.secret import Secret
from tests.sandbox.rig import Json, hook_body

URL = "https://hooks.example.com/okta"


def causes_of(body: Json) -> list[str]:
    with pytest.raises(ApiRefusal) as refused:
        read_hook(body)
    assert (refused.value.status, refused.value.code) == (400, "E0000001")
    assert refused.value.synthetic
    return list(refused.value.causes)


def with_uri(uri: object) -> Json:
    body = hook_body(URL)
    body["channel"]["config"]["uri"] = uri
    return body


@pytest.mark.parametrize(
    "uri",
    [
        URL,
        "https://hooks.example.com:8443/a?b=c",
        "http://127.0.0.1:1337/okta",
        "http://localhost:1337",
        "http://[::1]:1337/",
        "https://10.0.0.1/",
    ],
)
def test_https_anywhere_and_http_on_loopback(uri: str) -> None:
    """Okta takes https alone; a sandbox has to reach a receiver on this machine."""
    assert read_hook(with_uri(uri)).channel.shown["config"]["uri"] == uri


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        7,
        "hooks.example.com",
        "http://hooks.example.com/",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://",
        "https://user:password@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\r\nX-Evil: 1",
        "https://example.com/\u202e",
        "https://[::1/",
        "https://example.com/" + "x" * 2048,
    ],
)
def test_other_uris_are_refused(uri: object) -> None:
    """One cause, which names the member."""
    [cause] = causes_of(with_uri(uri))
    assert cause.startswith("channel.config.uri: ")


CHANGES: dict[str, Callable[[Json], Any]] = {
    "name": lambda body: body.update(name=" "),
    "description": lambda body: body.update(description=[]),
    "events": lambda body: body.update(events=[]),
    "events.items    ": lambda body: body.update(events={}),
    "events.type": lambda body: body["events"].update(type="FLOW_EVENT"),
    "events.items": lambda body: body["events"].update(items=[]),
    "events.items ": lambda body: body["events"].update(items=[1]),
    "events.items  ": lambda body: body["events"].update(items=["no.such.event"]),
    "events.items   ": lambda body: body["events"].update(items=["\ud800"]),
    "events.filter": lambda body: body["events"].update(filter="x"),
    "events.filter.eventFilterMap": lambda body: body["events"].update(
        filter={"eventFilterMap": ["x"]}
    ),
    "events.filter.eventFilterMap.event": lambda body: body["events"].update(
        filter={
            "eventFilterMap": [{"event": "user.session.start", "condition": {"expression": "x"}}]
        }
    ),
    "channel": lambda body: body.pop("channel"),
    "channel.type": lambda body: body["channel"].update(type="EVENTBRIDGE"),
    "channel.version": lambda body: body["channel"].update(version="2.0.0"),
    "channel.config": lambda body: body["channel"].update(config=None),
    "channel.config.headers": lambda body: body["channel"]["config"].update(headers={"a": "b"}),
    "channel.config.headers.key": lambda body: body["channel"]["config"].update(
        headers=[{"key": "a b", "value": "c"}]
    ),
    "channel.config.headers.key ": lambda body: body["channel"]["config"].update(
        headers=[{"key": "Content-Length", "value": "0"}]
    ),
    "channel.config.headers.value": lambda body: body["channel"]["config"].update(
        headers=[{"key": "a", "value": "b\r\nc: d"}]
    ),
    "channel.config.authScheme": lambda body: body["channel"]["config"].update(authScheme="x"),
    "channel.config.authScheme.type": lambda body: body["channel"]["config"].update(
        authScheme={"type": "OAUTH2", "key": "a", "value": "b"}
    ),
    "channel.config.authScheme.value": lambda body: body["channel"]["config"].update(
        authScheme={"type": "HEADER", "key": "a", "value": ""}
    ),
}


@pytest.mark.parametrize("where", CHANGES)
def test_a_wrong_member_is_named(where: str) -> None:
    """Each fault alone gives causes that begin with where it is."""
    body = hook_body(URL)
    CHANGES[where](body)
    causes = causes_of(body)
    assert any(cause.startswith(f"{where.strip()}: ") for cause in causes)


def test_a_refusal_has_all_causes() -> None:
    """Nobody has to send a hook three times to learn of three faults."""
    body = hook_body("http://example.com", name="", events=["no.such.event"])
    assert [cause.partition(":")[0] for cause in causes_of(body)] == [
        "name",
        "events.items",
        "channel.config.uri",
    ]


def test_a_secret_is_not_repeated_in_a_cause() -> None:
    """A secret that no header can carry is told by its place."""
    assert "s3cr\u00e9t" not in str(causes_of(hook_body(URL, secret="s3cr\u00e9t")))


def test_a_replace_without_a_value_keeps_the_secret_of_the_same_header() -> None:
    """No answer holds the value, so whoever sends an answer back does not lose it."""
    before = read_hook(hook_body(URL, secret="s"))
    scheme = {"type": "HEADER", "key": "Authorization"}
    kept = read_hook(hook_body(URL, config={"authScheme": scheme}), before.channel)
    assert kept.channel == before.channel
    assert kept.channel.secret == Secret("s")
    other = {**scheme, "key": "x-secret"}
    with pytest.raises(ApiRefusal):
        read_hook(hook_body(URL, config={"authScheme": other}), before.channel)


MEMBERS = (
    "name events type items filter channel config uri headers authScheme key value eventFilterMap"
    " event condition"
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(MEMBERS.split()), inner, max_size=4),
    ),
    max_leaves=10,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # nested JSON takes a while
@given(name=json_values, events=json_values, channel=json_values)
def test_any_json_is_a_hook_or_is_refused(name: object, events: object, channel: object) -> None:
    """Whatever is in the members, the answer is a hook or a refusal, never a crash."""
    body = {"name": name, "events": events, "channel": channel}
    with contextlib.suppress(ApiRefusal):
        assert read_hook(body).name == name
