"""How a record's attempts look: by app, each with its answer, and where it stands there."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from rich.text import Text

from okhook.cli.deliveries.view import local_time
from okhook.cli.views.forward import attempt_outcome
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.text import plain, plain_lines

_ANSWER_LINES: Final = 8
_LINE_LIMIT: Final = 200
PURPOSES: Final = {
    Purpose.FORWARD: "",
    Purpose.REPLAY: "  replay",
    Purpose.CHANGED_REPLAY: "  replay, changed",
}
"""What is said of why something was sent."""


def attempt_lines(attempts: Sequence[Attempt], forwards: Iterable[Forward]) -> Iterator[Text]:
    """Yield the attempts at each app under its URL; none where there was no attempt."""
    standing = {forward.target: forward for forward in forwards}
    by_app = sorted(attempts, key=attrgetter("target"))
    for target, each in groupby(by_app, key=attrgetter("target")):
        yield Text.assemble((plain(target), "bold"), "  ", _standing(standing.get(target)))
        for attempt in each:
            yield _attempt(attempt)
            yield from _reason(attempt)
            yield from _answer(attempt)


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


def _attempt(attempt: Attempt) -> Text:
    return Text.assemble(
        f"  {attempt.number:>3}  ",
        (f"{local_time(attempt.began_at)}  ", "dim"),
        attempt_outcome(attempt),
        (PURPOSES[attempt.purpose], "dim"),
    )


def _reason(attempt: Attempt) -> Iterator[Text]:
    if attempt.reason:
        yield Text(f"       {plain(attempt.reason, limit=_LINE_LIMIT)}", style="dim")


def _answer(attempt: Attempt) -> Iterator[Text]:
    """Yield the first lines of an answer; the rest is in the JSON line."""
    text = attempt.answer.decode("utf-8", "replace").strip()
    lines = [line for line in plain_lines(text) if line.strip()]
    for line in lines[:_ANSWER_LINES]:
        yield Text(f"       {plain(line, limit=_LINE_LIMIT)}")
    if len(lines) > _ANSWER_LINES:
        yield Text(f"       … {len(lines) - _ANSWER_LINES} more lines", style="dim")
