"""Draw a trace: the steps in order of time, the state, and the commands to run next."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.attempts import PURPOSES, attempt_outcome
from okhook.cli.views.lines import clock, counted, local_time, short
from okhook.cli.views.record import what_happened
from okhook.text import plain
from okhook.trace.activities import Arrived, End, TraceEnd, Tried, Where

_STEP_WIDTH: Final = 16
_MARKS: Final = {
    Where.FORWARDED: ("✓", "green"),
    Where.WAITING: ("…", "yellow"),
    Where.PENDING: ("…", "yellow"),
    Where.FAILED: ("✗", "bold red"),
    Where.NOT_FORWARDED: ("·", "yellow"),
    Where.REFUSED: ("✗", "bold red"),
    Where.MALFORMED: ("✗", "bold red"),
}


def render_trace(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``. Other activities have none."""
    match activity:
        case Arrived():
            yield _arrived(activity)
        case Tried():
            yield _tried(activity)
        case TraceEnd():
            yield from _end(activity)


def _arrived(step: Arrived) -> Text:
    record = step.record
    repeated = "" if record.duplicate_of is None else f"  = {record.duplicate_of}"
    return Text.assemble(
        (f"{local_time(step.at)}  ", "dim"),
        f"{step.step:<{_STEP_WIDTH}}",
        (f"{record.seq}  ", "bold"),
        what_happened(record),
        (repeated, "yellow"),
    )


def _tried(step: Tried) -> Text:
    first, last = step.first, step.last
    alone = len(step.attempts) == 1
    numbers = f"attempt {first.number}" if alone else f"attempts {first.number}-{last.number}"
    until = "" if alone else f"  until {clock(step.until)}"
    return Text.assemble(
        (f"{local_time(step.at)}  ", "dim"),
        f"{numbers:<{_STEP_WIDTH}}",
        (f"{last.seq}  ", "bold"),
        f"{plain(last.target)}  ",
        attempt_outcome(last),
        (f"{until}{PURPOSES[last.purpose]}", "dim"),
    )


def _end(trace_end: TraceEnd) -> Iterator[Text]:
    if trace_end.ends:
        yield Text()
    for end in trace_end.ends:
        mark, style = _MARKS[end.where]
        yield Text.assemble((f"{mark} ", style), (f"{end.seq}  ", "bold"), _where(end))
    for command in trace_end.next_steps:
        yield Text.assemble(("→ ", "cyan"), plain(command))


def _where(end: End) -> str:
    target = plain(end.target or "")
    last = end.status or short(end.fault or "no answer", 80)
    match end.where:
        case Where.FORWARDED:
            return f"forwarded to {target}"
        case Where.WAITING:
            when = "" if end.next_at is None else f" until {local_time(end.next_at)}"
            return f"waits for {target}{when}, last {last}"
        case Where.PENDING:
            return f"is waiting to be sent to {target}"
        case Where.FAILED:
            return f"failed at {target} after {counted(end.attempts, 'attempt')}, last {last}"
        case Where.NOT_FORWARDED:
            return "is stored, and was not forwarded"
        case Where.REFUSED:
            return f"was refused with {last}"
        case Where.MALFORMED:
            return f"was refused with {last}, and is stored"
