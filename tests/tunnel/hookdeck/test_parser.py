"""The output of Hookdeck, and the activities and announcements that it becomes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.activity import Warned
from okhook.runtime.child import StreamName
from okhook.tunnel.activities import TunnelAttempt, TunnelOutput, TunnelReconnecting
from okhook.tunnel.hookdeck.lines import LineReader
from okhook.tunnel.hookdeck.parser import (
    Connection,
    Dashboard,
    ForwardsTo,
    Meaning,
    OutputParser,
    ParsedLine,
    SourceCreated,
    WebhookUrl,
)
from tests.tunnel.hookdeck import dialects

ALL_DIALECTS = (
    dialects.GUEST_0_11
    + dialects.ACCOUNT_0_11
    + dialects.ACCOUNT_1_7
    + dialects.GUEST_2_6
    + dialects.ACCOUNT_2_6
    + "2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1ms) → https://d.example/evt_1\n"
).encode()


def parse(*chunks: bytes, stream: StreamName = "stdout") -> list[ParsedLine]:
    parser = OutputParser()
    return [said for chunk in chunks for said in parser.feed(stream, chunk)] + parser.end()


def meanings(text: str, stream: StreamName = "stdout") -> list[Meaning]:
    return [said.meaning for said in parse(text.encode(), stream=stream)]


def telling(text: str) -> list[Meaning]:
    return [m for m in meanings(text) if not isinstance(m, TunnelOutput | Connection | None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            dialects.GUEST_0_11,
            [
                Dashboard("https://console.hookdeck.com/signin/guest?token=g1", guest=True),
                WebhookUrl("okta", "https://events.hookdeck.com/e/src_aaa111"),
                ForwardsTo("/okta-webhooks-endpoint"),
            ],
        ),
        (
            dialects.ACCOUNT_0_11,
            [
                Dashboard("https://dashboard.hookdeck.com/cli/events?team_id=tm_1", guest=False),
                WebhookUrl("okta", "https://events.hookdeck.com/e/src_aaa111"),
                ForwardsTo("/okta-webhooks-endpoint"),
            ],
        ),
        (
            dialects.ACCOUNT_1_7,
            [
                SourceCreated(),
                WebhookUrl("okta", "https://hkdk.events/src_bbb222"),
                ForwardsTo("http://localhost:1337/okta-webhooks-endpoint"),
                Dashboard("https://dashboard.hookdeck.com/events/cli?team_id=tm_1", guest=False),
            ],
        ),
        (
            dialects.GUEST_2_6,
            [
                SourceCreated(),
                WebhookUrl("okta", "https://hkdk.events/src_ccc333"),
                ForwardsTo("http://localhost:1337/okta-webhooks-endpoint"),
                Dashboard("https://console.hookdeck.com/signin/guest?token=g2", guest=True),
            ],
        ),
        (
            dialects.ACCOUNT_2_6,
            [
                WebhookUrl("okta", "https://hkdk.events/src_ccc333"),
                ForwardsTo("http://localhost:1337/okta-webhooks-endpoint"),
                Dashboard("https://dashboard.hookdeck.com/events/cli?team_id=tm_1", guest=False),
            ],
        ),
    ],
    ids=["0.11 guest", "0.11 account", "1.7 account", "2.6 guest", "2.6 account"],
)
def test_the_announcement_of_each_dialect(text: str, expected: list[Meaning]) -> None:
    """Webhook URL, target and dashboard or sign-up page are read in every dialect."""
    assert telling(text) == expected


@given(st.lists(st.integers(0, len(ALL_DIALECTS)), max_size=30))
def test_pieces_do_not_matter(places: list[int]) -> None:
    """The meaning is the same however the pipes cut the output."""
    edges = sorted({0, len(ALL_DIALECTS), *places})
    pieces = [ALL_DIALECTS[a:b] for a, b in pairwise(edges)]
    assert parse(*pieces) == parse(ALL_DIALECTS)


@given(st.lists(st.tuples(st.sampled_from(("stdout", "stderr")), st.binary(max_size=60))))
def test_no_bytes_raise_and_no_line_is_lost(chunks: list[tuple[StreamName, bytes]]) -> None:
    """Each line of each pipe is returned once, in its order."""
    parser = OutputParser()
    said = [s for stream, chunk in chunks for s in parser.feed(stream, chunk)] + parser.end()
    for name in ("stdout", "stderr"):
        reader = LineReader()
        data = [chunk for stream, chunk in chunks if stream == name]
        lines = [line for chunk in data for line in reader.feed(chunk)] + reader.end()
        assert [s.text for s in said if s.stream == name] == [line.text for line in lines]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1ms) → https://d.example/evt_1",
            TunnelAttempt(
                "2026-11-23 20:37:09",
                204,
                "POST",
                "http://localhost:1337/h",
                "https://d.example/evt_1",
                1,
            ),
        ),
        (
            "2026-11-23 20:36:48 [500] PUT http://localhost:1337/h | https://d.example/cli/evt_2",
            TunnelAttempt(
                "2026-11-23 20:36:48",
                500,
                "PUT",
                "http://localhost:1337/h",
                "https://d.example/cli/evt_2",
            ),
        ),
        (
            "2026-11-23 20:36:48 [200] POST http://localhost:1337/h (1.5s)",
            TunnelAttempt(
                "2026-11-23 20:36:48", 200, "POST", "http://localhost:1337/h", duration_ms=1500
            ),
        ),
        (
            '2026-11-23 20:37:16 [ERROR] Failed to POST: Post "http://localhost:1/h": dial tcp: no',
            TunnelAttempt(
                "2026-11-23 20:37:16", None, "POST", "http://localhost:1/h", error="dial tcp: no"
            ),
        ),
        (
            "2026-11-23 20:37:16 [ERROR] something else",
            TunnelAttempt("2026-11-23 20:37:16", None, "", "", error="something else"),
        ),
        (
            "\x1b[2m2026-11-23 20:37:09\x1b[0m [\x1b[32m204\x1b[0m] POST http://localhost:1337/h",
            TunnelAttempt("2026-11-23 20:37:09", 204, "POST", "http://localhost:1337/h"),
        ),
        ("Connection lost, reconnecting...", TunnelReconnecting()),
        (
            "● Warning: Cannot connect to local server",
            Warned("Cannot connect to local server"),
        ),
        ("Warning: old", Warned("old")),
    ],
)
def test_the_meaning_of_a_line(line: str, expected: Meaning) -> None:
    """Attempts in both spellings, failures, lost connections and warnings."""
    assert meanings(line) == [expected]
    assert meanings(line, stream="stderr") == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "Ready! (^C to quit)",
        "2026-11-23 [204] POST http://localhost:1337/h",
        "2026-11-23 20:37:09 [204] POST not-a-url",
        "2026-11-23 20:37:09 [204] POST http://localhost:1337/h (1.2.3",
        "okta URL: https://events.hookdeck.com/e/src_1",
        "Requests to → ftp://events.example",
        "Open dashboard: nowhere",
        "okta",
    ],
)
def test_an_unknown_line_is_output(line: str) -> None:
    """Even if it resembles a known one."""
    assert parse(line.encode()) == [ParsedLine("stdout", line, TunnelOutput("stdout", line))]


def test_a_webhook_url_is_recognised_by_its_line() -> None:
    """Any host, port and path will do."""
    text = "Listening on\n\nokta\n│  Requests to → http://127.0.0.1:8790/e/src_1\n"
    assert telling(text) == [WebhookUrl("okta", "http://127.0.0.1:8790/e/src_1")]


def test_several_sources_keep_their_own_urls() -> None:
    """A URL belongs to the slug above it, also after the targets of another source."""
    text = """\
Listening on 2 sources • 3 connections

okta-1-7
│  Requests to → https://hkdk.events/src_1
├─ Forwards to → http://localhost:1337/a (one)
└─ Forwards to → http://localhost:1337/b (two)

stripe
│  Requests to → https://hkdk.events/src_2
└─ Forwards to → http://localhost:1337/c (three)
"""
    assert telling(text) == [
        WebhookUrl("okta-1-7", "https://hkdk.events/src_1"),
        ForwardsTo("http://localhost:1337/a"),
        ForwardsTo("http://localhost:1337/b"),
        WebhookUrl("stripe", "https://hkdk.events/src_2"),
        ForwardsTo("http://localhost:1337/c"),
    ]


def test_a_hyperlink_target_must_be_a_url() -> None:
    """Otherwise the URL in the text is used."""
    text = "💡 Open dashboard: \x1b]8;;file:///etc/passwd\x07https://d.example/x\x1b]8;;\x07"
    assert telling(text) == [Dashboard("https://d.example/x", guest=False)]


@pytest.mark.parametrize(
    ("line", "is_up"),
    [("Getting ready...", False), ("Connected. Waiting for events...", True)],
)
def test_the_connection_is_read_field_06(line: str, is_up: bool) -> None:
    """Since 2.5.1 Hookdeck says when it is connected, each time."""
    assert parse(line.encode()) == [ParsedLine("stdout", line, Connection(is_up))]
