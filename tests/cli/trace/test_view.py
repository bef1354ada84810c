"""A story on a terminal: a line a step, then where it stopped and what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.activity import Stopped
from okhook.cli.trace.run import render_trace
from okhook.records.attempt import Attempt, ForwardState, Target
from okhook.records.record import Found, Record, RecordKind
from okhook.text import plain
from okhook.trace.story import trace
from tests.export.strategies import attempts, records
from tests.support.found import APP, attempt, forward, found, record
from tests.support.records import post


def lines(parts: list[Found], tried: list[Attempt], targets: list[Target]) -> list[str]:
    steps, end = trace("event-1", parts, {part.record.seq: tried for part in parts}, targets)
    return [line.plain for step in (*steps, end) for line in render_trace(step)]


@pytest.mark.usefixtures("utc")
def test_a_story_with_a_failure() -> None:
    """Received, repeated, tried, given up; and the command that sends it again."""
    tried = [
        attempt(1, None, after_s=50),
        attempt(2, None, after_s=60),
        attempt(3, 500, after_s=80),
    ]
    failed = found(record(), forward(state=ForwardState.FAILED, attempts=3))
    steps, end = trace("event-1", [failed, found(record(70, duplicate_of=41))], {41: tried}, [])
    shown = [line.plain for step in (*steps, end) for line in render_trace(step)]
    assert [line[:84] for line in shown] == snapshot(
        [
            "2026-11-24 12:00:41  received        41  user.lifecycle.create  SUCCESS  admin@examp",
            "2026-11-24 12:00:50  attempts 1-2    41  http://127.0.0.1:3000/hook  timeout  12 ms ",
            "2026-11-24 12:01:10  duplicate       70  user.lifecycle.create  SUCCESS  admin@examp",
            "2026-11-24 12:01:20  attempt 3       41  http://127.0.0.1:3000/hook  500 Internal Se",
            "",
            "✗ 41  failed at http://127.0.0.1:3000/hook after 3 attempts, last 500",
            "→ okhook replay 41 --to http://127.0.0.1:3000/hook",
        ]
    )


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("part", "last_lines"),
    [
        (found(record(), forward()), ["✓ 41  forwarded to http://127.0.0.1:3000/hook"]),
        (
            found(record(), forward(state=ForwardState.WAITING, attempts=1)),
            [
                "… 41  waits for http://127.0.0.1:3000/hook until 2026-11-24 12:01:30, last 500",
                "→ okhook serve --forward-to http://127.0.0.1:3000/hook",
            ],
        ),
        (
            found(record(kind=RecordKind.REFUSED, status=401, request=post(b""))),
            ["✗ 41  was refused with 401", "→ okhook doctor"],
        ),
        (
            found(record(kind=RecordKind.MALFORMED, status=400, request=post(b"{"))),
            ["✗ 41  was refused with 400, and is stored", "→ okhook deliveries show 41"],
        ),
    ],
)
def test_where_it_stopped(part: Found, last_lines: list[str]) -> None:
    """Each end has its words, and its command where there is something to mend."""
    assert lines([part], [attempt()], [])[-len(last_lines) :] == last_lines


def test_what_no_app_was_sent() -> None:
    """It says whether an app is still to get it, or none."""
    assert lines([found(record())], [], [Target(APP, 0, 0)])[-2:] == [
        f"… 41  is waiting to be sent to {APP}",
        f"→ okhook serve --forward-to {APP}",
    ]
    assert lines([found(record())], [], [])[-1] == "· 41  is stored, and was not forwarded"


def test_other_activities_have_no_lines() -> None:
    """A renderer shows what is its own."""
    assert list(render_trace(Stopped())) == []


@given(kept=records, tried=st.lists(attempts, max_size=2), url=st.text())
def test_nothing_from_outside_moves_the_cursor(
    kept: Record, tried: list[Attempt], url: str
) -> None:
    """Paths, names, URLs and faults: harmless in every line of a story."""
    assert all(plain(line) == line for line in lines([found(kept)], tried, [Target(url, 0, 0)]))
