"""What is known to be wrong before the org is called."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.errors import InvalidInput
from okhook.okta.event_hooks import WantedHook
from okhook.okta.preflight import preflight
from okhook.secret import HookAuth, Secret
from okhook.text import plain
from okhook.wire.event_types import eligible
from okhook.wire.org import Org
from tests.okta.setup import ORG, SECRET, WANTED


def fault_of(**changes: Any) -> str:  # noqa: ANN401 - any field of a wanted hook
    with pytest.raises(InvalidInput) as caught:
        preflight(replace(WANTED, **changes), ORG)
    return "\n".join(filter(None, (caught.value.what, caught.value.why)))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://hooks.example.com/", "must be https"),
        ("ftp://hooks.example.com/", "must be https"),
        ("hooks.example.com/okta", "no host"),
        ("https://{yourOktaDomain}/hook", "placeholder"),
        ("https://<your-url>/hook", "placeholder"),
        ("https://user:pw@hooks.example.com/", "user name"),
        ("https://hooks.example.com/#top", "fragment"),
        ("https://hooks.example.com:port/", "not a number from 1 to 65535"),
        ("https://hooks.example.com:65536/", "not a number from 1 to 65535"),
        ("https://hooks.example.com:0/", "not a number from 1 to 65535"),
        ("https://[fe80::1%eth0]/", "fe80::1%eth0 is not a host"),
        ("https://hooks.example.com/a b", "character"),
        ("https://hooks.example.com/\r\nX: 1", "character"),
        ("https://hooks.example.com/\x1b[2J", "character"),
        ("https://höoks.example.com/", "character"),
        ("https://", "no host"),
        ("", "no host"),
        ("https://dev-123-admin.okta.com/admin", "Admin Console"),
        ("http://[::1", "invalid URL"),
    ],
)
def test_a_url_that_no_org_can_call(url: str, says: str) -> None:
    """Each is refused with its reason, and nothing in it reaches the terminal raw."""
    fault = fault_of(url=url)
    assert says in fault
    assert "\x1b" not in fault
    assert "pw" not in fault


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://h.example.com:8443/a?b=c",
        "https://events.hookdeck.com/e/x",
    ],
)
def test_a_url_that_can_be_called(url: str) -> None:
    """https with any port, path and query passes without a word."""
    assert preflight(replace(WANTED, url=url), ORG) == (replace(WANTED, url=url), ())


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1337/x", "http://localhost/x", "http://[::1]:1/"]
)
def test_http_is_for_loopback_alone(url: str) -> None:
    """A sandbox may call it; with a real org it passes with a warning that it cannot be reached."""
    wanted = replace(WANTED, url=url)
    assert preflight(wanted, Org("http://127.0.0.1:8137"))[1] == ()
    [warning] = preflight(wanted, ORG)[1]
    assert "cannot reach" in warning


def test_at_most_300_types_and_at_least_one() -> None:
    """Okta's limit counts different types; the 300th is fine and the 301st is not."""
    types = tuple(sorted(eligible())[:301])
    assert "301" in fault_of(events=types)
    assert preflight(replace(WANTED, events=types[:300]), ORG)[1] == ()
    assert "at least one" in fault_of(events=())
    assert "not an event type" in fault_of(events=("",))
    assert "not an event type" in fault_of(events=("user lifecycle",))


def test_an_unknown_type_is_a_warning_with_the_nearest() -> None:
    """Okta adds types every month, so it is never a refusal."""
    wanted, [warning] = preflight(replace(WANTED, events=("user.lifecycle.creat",)), ORG)
    assert wanted.events == ("user.lifecycle.creat",)
    assert "did you mean user.lifecycle.create" in warning


def test_a_repeated_type_is_sent_once() -> None:
    """The order stays, the second one goes, and it is said."""
    types = ("user.session.start", "user.lifecycle.create", "user.session.start")
    wanted, [warning] = preflight(replace(WANTED, events=types), ORG)
    assert wanted.events == types[:2]
    assert "2 times" in warning


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ((("", "x"),), "not a valid header name"),
        ((("X Y", "x"),), "not a valid header name"),
        ((("X-Ö", "x"),), "not a valid header name"),
        ((("X-Y", "a\r\nSet-Cookie: b"),), "cannot have"),
        ((("X-Y", "ä"),), "cannot have"),
        ((("X-Y", "1"), ("x-y", "2")), "2 times"),
        ((("authorization", "1"),), "already carries the secret"),
        ((("Host", "evil"),), "part of the request"),
        ((("X-Okta-Verification-Challenge", "1"),), "part of the request"),
    ],
)
def test_headers_that_cannot_be(headers: tuple[tuple[str, str], ...], says: str) -> None:
    """Names, values, repetitions and the secret's own header are checked."""
    assert says in fault_of(headers=headers)


@pytest.mark.parametrize(
    ("field", "secret", "says"),
    [
        ("Authorization", "   ", "empty"),
        ("Authorization", "{yourSecret}", "placeholder"),
        ("Authorization", "Basic <base64>", "placeholder"),
        ("Authorization", "your-secret", "placeholder"),
        ("Authorization", "line\nbreak-7f3", "invalid character"),
        ("Authorization", " blank-7f3", "ends with a space"),
        ("X Y", SECRET, "not a valid header name"),
        ("Host", SECRET, "cannot carry a secret"),
    ],
)
def test_secrets_that_cannot_be(field: str, secret: str, says: str) -> None:
    """Each is refused with its reason, and none is repeated."""
    fault = fault_of(auth=HookAuth(field, Secret(secret)))
    assert says in fault
    assert "7f3" not in fault
    assert SECRET not in fault


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ((("user.session.start", "true"),), "not one of"),
        ((("user.lifecycle.create", " "),), "is empty"),
        ((("user.lifecycle.create", "a"), ("user.lifecycle.create", "b")), "2 filters"),
    ],
)
def test_filters_that_cannot_be(filters: tuple[tuple[str, str], ...], says: str) -> None:
    """A filter is for one of the hook's types, not empty, and one a type."""
    assert says in fault_of(filters=filters)


def test_every_fault_is_named_at_once() -> None:
    """Nobody has to run it five times to learn of five faults."""
    fault = fault_of(name=" ", url="http://x.example.com", events=(), description="a\x07")
    assert len(fault.splitlines()) == 4


@given(
    name=st.text(max_size=20), url=st.text(max_size=40), events=st.lists(st.text(max_size=10)),
    headers=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3),
    field=st.text(max_size=8), secret=st.text(min_size=8, max_size=12),
)  # fmt: skip
def test_any_text_is_taken_or_refused_and_harmless(
    name: str, url: str, events: list[str], headers: list[tuple[str, str]], field: str, secret: str
) -> None:
    """Preflight never stumbles, and what it says can be shown."""
    auth = HookAuth(field, Secret(secret))
    wanted = WantedHook(name, url, tuple(events), headers=tuple(headers), auth=auth)
    try:
        _, warnings = preflight(wanted, ORG)
        said = list(warnings)
    except InvalidInput as fault:
        said = [fault.what, *(fault.why or "").split("\n")]
    assert all(plain(line) == line for line in said)
