"""How a registration looks on a terminal."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.activity import Activity, Stopped
from okhook.cli.views.org import render_org
from okhook.okta.activities import ProbeReport, ProbeStep, Registered, VerifyingAgain
from okhook.okta.event_hooks import EventHook
from okhook.okta.retry import CallRetried, RateLimited
from okhook.text import plain

HOOK = EventHook(
    id="who8vt36qfNpCGz9H1e6",
    name="okhook ann@laptop",
    description=None,
    status="ACTIVE",
    verification_status="VERIFIED",
    last_updated=None,
    events=frozenset({"user.lifecycle.create"}),
    filters=frozenset(),
    url="https://hooks.example.com/okta",
    headers=(),
    auth_field=None,
    raw={},
)


def lines(activity: Activity) -> list[str]:
    return [line.plain for line in render_org(activity)]


def test_a_registered_hook() -> None:
    """The lines show the change, the hook, its URL, its events and its status."""
    registered = Registered("https://o.okta.com", "updated", HOOK, ("url", "events"))
    assert lines(registered) == snapshot(
        [
            "updated (url, events)  okhook ann@laptop  who8vt36qfNpCGz9H1e6  in https://o.okta.com",
            "  URL     https://hooks.example.com/okta",
            "  events  user.lifecycle.create",
            "  status  ACTIVE, VERIFIED",
        ]
    )


def test_the_status_of_an_unverified_hook_is_red() -> None:
    """An ACTIVE but UNVERIFIED hook gets no deliveries."""
    hook = replace(HOOK, verification_status="UNVERIFIED")
    *_, status = render_org(Registered("https://dev-123.okta.com", "created", hook))
    assert (
        status.plain
        == "  status  ACTIVE, UNVERIFIED: not verified, so the org sends it no deliveries"
    )
    assert any("red" in str(span.style) for span in status.spans)


def test_a_long_list_of_event_types_is_cut() -> None:
    """The line ends with the number of the other types."""
    hook = replace(HOOK, events=frozenset(f"user.type{number:03}" for number in range(300)))
    shown = lines(Registered("https://dev-123.okta.com", "created", hook))[2]
    assert shown.endswith("user.type005 and 294 more")


def test_a_probe_shows_each_step_with_a_mark() -> None:
    """It includes the steps that were not reached, and names who answered."""
    steps = (
        ProbeStep("DNS", True, ""),
        ProbeStep("status", False, "HTTP 404"),
        ProbeStep("echo", None, "not reached"),
    )
    report = ProbeReport("https://h.example.com/", steps, "cause", "next", "Hookdeck")
    assert lines(report) == snapshot(
        [
            "the same request from this machine to https://h.example.com/",
            "  ✓ DNS         ",
            "  ✗ status        HTTP 404",
            "  · echo          not reached",
            "  answered by Hookdeck",
        ]
    )


def test_a_wait_shows_its_reason_and_length() -> None:
    """If the org asks for a longer wait than okhook makes, the line says so."""
    assert lines(RateLimited("https://o.okta.com", 5, None)) == [
        "rate limit reached in https://o.okta.com; retrying in 5 s"
    ]
    assert lines(RateLimited("https://o.okta.com", 90, 86400))[0].endswith(
        "retrying in 90 s, although the org asks for 86400 s"
    )
    assert lines(VerifyingAgain(1, "nobody is there", 12.3)) == [
        "not verified yet: nobody is there; retrying for 12 s"
    ]
    assert "retrying" in lines(CallRetried("GET /x", "HTTP 500", 1.0))[0]
    assert lines(Stopped()) == []


hostile = st.text(st.sampled_from("a\x1b[]31m\n\r\u202e\x07\u200b\ue000"), max_size=12)


@given(text=hostile)
def test_control_characters_from_the_org_are_removed(text: str) -> None:
    """This holds for name, URL, events, status, causes and details."""
    hook = replace(
        HOOK, id=text, name=text, url=text, events=frozenset({text}), status=text,
        verification_status=text,
    )  # fmt: skip
    report = ProbeReport(text, (ProbeStep("DNS", False, text),), text, text, text)
    for activity in (
        Registered("https://o.okta.com", "created", hook),
        report,
        CallRetried(text, text, 1.0),
        VerifyingAgain(1, text, 1.0),
        RateLimited(text, 1.0, None),
    ):
        assert all(plain(line) == line for line in lines(activity))
