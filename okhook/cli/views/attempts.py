"""How attempts look: the outcome of one, and all of a record's, by app."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from rich.text import Text

from okhook.cli.views.lines import http_status, local_time, result, short
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.text import plain, plain_lines

_ANSWER_LINES: Final = 8
_INDENT: Final = " " * 7
PURPOSES: Final = {
    Purpose.FORWARD: "",
    Purpose.REPLAY: "  replay",
    Purpose.CHANGED_REPLAY: "  replay, changed",
}
"""How the purpose of an attempt is shown."""


def attempt_outcome(attempt: Attempt) -> Text:
    """Return the outcome of an attempt: its status or why there is none, and the time it took."""
    answer = short(attempt.fault or "no answer", 80)
    outcome = answer if attempt.status is None else http_status(attempt.status)
    took = (f"  {attempt.duration_s * 1000:.0f} ms", "dim")
    return Text.assemble((outcome, result(ok=attempt.accepted)), took)


def attempt_lines(attempts: Sequence[Attempt], forwards: Iterable[Forward]) -> Iterator[Text]:
    """Yield the attempts at each app, under its URL."""
    standing = {forward.target: forward for forward in forwards}
    by_app = sorted(attempts, key=attrgetter("target"))
    for target, each in groupby(by_app, key=attrgetter("target")):
        yield Text.assemble((plain(target), "bold"), "  ", _standing(standing.get(target)))
        for attempt in each:
            yield from _attempt(attempt)


def _standing(forward: Forward | None) -> Text:
    if forward is None:
        return Text("not forwarded", style="dim")
    match forward.state:
        case ForwardState.DONE:
            return Text("forwarded", style="green")
        case ForwardState.FAILED:
            return Text(f"failed: okhook replay {forward.seq}", style="bold red")
        case ForwardState.WAITING:
            when = "" if forward.next_at is None else f" until {local_time(forward.next_at)}"
            return Text(f"waiting{when}", style="yellow")


def _attempt(attempt: Attempt) -> Iterator[Text]:
    """Yield an attempt and the first lines of its answer. The JSON line has all of it."""
    yield Text.assemble(
        f"  {attempt.number:>3}  ",
        (f"{local_time(attempt.began_at)}  ", "dim"),
        attempt_outcome(attempt),
        (PURPOSES[attempt.purpose], "dim"),
    )
    if attempt.reason:
        yield Text(f"{_INDENT}{short(attempt.reason)}", style="dim")
    text = attempt.answer.decode("utf-8", "replace").strip()
    lines = [line for line in plain_lines(text) if line.strip()]
    for line in lines[:_ANSWER_LINES]:
        yield Text(f"{_INDENT}{short(line)}")
    if len(lines) > _ANSWER_LINES:
        yield Text(f"{_INDENT}… {len(lines) - _ANSWER_LINES} more lines", style="dim")
