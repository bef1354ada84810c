"""The servers and the subject in a NATS URL, and what a wrong one should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.wire.nats_url import NatsUrl, parse_nats_url


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("nats://localhost/okta", NatsUrl(("localhost:4222",), "okta", tls=False)),
        ("tls://A:1,b,[::1]:3/okta.x", NatsUrl(("a:1", "b:4222", "[::1]:3"), "okta.x", tls=True)),
        ("nats://a/okta%2Fx.%C3%A9", NatsUrl(("a:4222",), "okta/x.é", tls=False)),
    ],
)
def test_hosts_are_tried_in_the_order_of_the_url(url: str, parsed: NatsUrl) -> None:
    """A port has a default; a subject may be percent-encoded."""
    assert parse_nats_url(url) == parsed


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("nats://a:1,nats://b:2/c", "one URL with several hosts"),
        ("nats://a", "with the subject"),
        ("nats://a/", "with the subject"),
        ("nats://a/b?c", "without \\? and #"),
        ("nats://a/b#", "without \\? and #"),
        ("nats://a/b c", "a URL like"),
        ("nats://a/b%20c", "a subject"),
        ("nats://a/b%ff", "a subject"),
        ("nats://a/b%0d%0aPUB", "a subject"),
        ("nats://a/b/c", "a subject"),
        ("nats://a/b.*", "a subject"),
        ("nats://a/>", "a subject"),
        ("nats://a/b..c", "a subject"),
        ("nats://a/$JS.API.STREAM.DELETE.x", "a subject"),
        ("nats:///b", "a host"),
        ("nats://a,,b/c", "a host"),
        ("nats://a:0/b", "a host"),
        ("nats://u:p@a/b", "a host"),
    ],
)
def test_a_wrong_url_says_what_was_expected(url: str, expected: str) -> None:
    """In words, and with an example."""
    with pytest.raises(ValueError, match=expected):
        parse_nats_url(url)


@given(st.text(max_size=12).map(lambda text: f"nats://a/{text}"))
def test_a_subject_has_nothing_that_ends_a_command_of_nats(url: str) -> None:
    """Such as a space or a line break: it would be a command of its own."""
    try:
        subject = parse_nats_url(url).subject
    except ValueError:
        return
    assert not set(subject) & set(" \t\r\n*>")


def test_each_event_type_has_its_subject() -> None:
    """Only what is safe as words of a subject: the type may come from anyone."""
    url = parse_nats_url("nats://a/okta.{eventType}")
    assert url.subjects == "okta.>"
    assert url.subject_for("user.lifecycle.create") == "okta.user.lifecycle.create"
    hostile = [
        "",
        ".",
        "a..b",
        "a.",
        "*",
        "a.>",
        "a b",
        "a\r\nPUB x",
        "$JS.API",
        "\u00e9",
        "a" * 201,
    ]
    assert {url.subject_for(each) for each in hostile} == {"okta.unknown"}
    assert parse_nats_url("nats://a/{eventType}").subject_for("a.b") == "a.b"
    fixed = parse_nats_url("nats://a/okta.events")
    assert (fixed.subjects, fixed.subject_for("a.b")) == ("okta.events", "okta.events")


@pytest.mark.parametrize(
    "subject",
    ["{eventType}.okta", "okta.{type}", "okta.x{eventType}", "okta.{eventType}.{eventType}", "a{"],
)
def test_a_placeholder_stands_at_the_end(subject: str) -> None:
    """Elsewhere, no wildcard could stand for it. A mistyped one is not published to."""
    with pytest.raises(ValueError, match="as the last word"):
        parse_nats_url(f"nats://a/{subject}")
