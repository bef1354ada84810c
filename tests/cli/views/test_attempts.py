"""How the attempts of a record look on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.cli.views.attempts import attempt_lines, attempt_outcome
from okhook.records.attempt import (
    ALREADY_IN_STREAM,
    IN_STREAM,
    Attempt,
    Forward,
    ForwardState,
    Purpose,
)
from okhook.text import plain
from tests.export.strategies import attempts
from tests.support.found import APP, attempt, forward

OTHER = "http://127.0.0.1:4000/hook"


def lines(tried: list[Attempt], *forwards: Forward) -> list[str]:
    return [line.plain for line in attempt_lines(tried, forwards)]


@pytest.mark.usefixtures("utc")
def test_attempts_are_grouped_by_app() -> None:
    """Each has its time, outcome, duration and answer; an app has its state."""
    tried = [
        attempt(1, None),
        attempt(1, 204, target=OTHER, after_s=61),
        attempt(2, 500, after_s=62, answer=b"Traceback:\n\n  KeyError: 'x'\n"),
        attempt(3, 201, after_s=63, purpose=Purpose.REPLAY),
        attempt(
            4, 799, after_s=64, purpose=Purpose.CHANGED_REPLAY, target="http://127.0.0.1:5000/"
        ),
    ]
    waiting = forward(state=ForwardState.WAITING, attempts=2)
    assert lines(tried, waiting, forward(target=OTHER)) == snapshot(
        [
            "http://127.0.0.1:3000/hook  waiting until 2026-11-24 12:01:30",
            "    1  2026-11-24 12:01:00  timeout  12 ms",
            "       no answer within 10 s",
            "    2  2026-11-24 12:01:02  500 Internal Server Error  12 ms",
            "       Traceback:",
            "         KeyError: 'x'",
            "    3  2026-11-24 12:01:03  201 Created  12 ms  replay",
            "http://127.0.0.1:4000/hook  forwarded",
            "    1  2026-11-24 12:01:01  204 No Content  12 ms",
            "http://127.0.0.1:5000/  not forwarded",
            "    4  2026-11-24 12:01:04  799  12 ms  replay, changed",
        ]
    )


def test_an_attempt_at_a_stream_says_where_the_events_are() -> None:
    """A status of HTTP would say little there."""
    stream = "nats://127.0.0.1:4222/okta.events"
    tried = [
        attempt(1, IN_STREAM, target=stream),
        attempt(2, ALREADY_IN_STREAM, target=stream),
        attempt(3, ALREADY_IN_STREAM),
    ]
    assert [attempt_outcome(each).plain for each in tried] == [
        "in the stream  12 ms",
        "already in the stream  12 ms",
        "208 Already Reported  12 ms",
    ]


def test_a_failed_forward_shows_the_replay_command() -> None:
    """The command is on the line of the failure."""
    assert lines([attempt()], forward(state=ForwardState.FAILED))[0].endswith(
        f"failed: okhook replay 41 --to {APP}"
    )


def test_a_long_answer_is_cut() -> None:
    """A page of HTML takes only a few lines of the screen."""
    shown = lines([attempt(answer=b"<p>x</p>\n" * 100)])
    assert len(shown) == 11
    assert shown[-1].strip() == "… 92 more lines"


@given(tried=st.lists(attempts, max_size=3))
def test_control_characters_of_an_answer_are_removed(tried: list[Attempt]) -> None:
    """This holds for URL, reason and answer."""
    assert all(plain(line) == line for line in lines(tried))
