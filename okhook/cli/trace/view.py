"""Draw a trace: the steps in order of time, the state, and the commands to run next."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from okhook.cli.views.attempts import PURPOSES, attempt_outcome
from okhook.cli.views.lines import clock, drawing, local_time, short, shown_url
from okhook.cli.views.record import what_happened
from okhook.text import counted, plain
from okhook.trace.story import Arrived, DeliveryState, TraceEnd, Tried

_STEP_WIDTH: Final = 16
_STATES: Final = {
    DeliveryState.FORWARDED: ("✓", "green", "forwarded to {target}"),
    DeliveryState.WAITING: ("…", "yellow", "waits for {target}{until}, last {last}"),
    DeliveryState.PENDING: ("…", "yellow", "is waiting to be sent to {target}"),
    DeliveryState.FAILED: ("✗", "bold red", "failed at {target} after {attempts}, last {last}"),
    DeliveryState.NOT_FORWARDED: ("·", "yellow", "is stored, and was not forwarded"),
    DeliveryState.REFUSED: ("✗", "bold red", "was refused with {last}"),
    DeliveryState.MALFORMED: ("✗", "bold red", "was refused with {last}, and is stored"),
}
"""The mark, the style and the sentence of each state."""


def _arrived(step: Arrived) -> Iterator[Text]:
    record = step.record
    repeated = "" if record.duplicate_of is None else f"  = {record.duplicate_of}"
    yield Text.assemble(
        (f"{local_time(step.at)}  ", "dim"),
        f"{step.step:<{_STEP_WIDTH}}",
        (f"{record.seq}  ", "bold"),
        what_happened(record),
        (repeated, "yellow"),
    )


def _tried(step: Tried) -> Iterator[Text]:
    first, last = step.first, step.last
    alone = len(step.attempts) == 1
    numbers = f"attempt {first.number}" if alone else f"attempts {first.number}-{last.number}"
    until = "" if alone else f"  until {clock(step.until)}"
    yield Text.assemble(
        (f"{local_time(step.at)}  ", "dim"),
        f"{numbers:<{_STEP_WIDTH}}",
        (f"{last.seq}  ", "bold"),
        f"{shown_url(last.target)}  ",
        attempt_outcome(last),
        (f"{until}{PURPOSES[last.purpose]}", "dim"),
    )


def _end(trace_end: TraceEnd) -> Iterator[Text]:
    if trace_end.ends:
        yield Text()
    for end in trace_end.ends:
        mark, style, sentence = _STATES[end.where]
        state = sentence.format(
            target=shown_url(end.target or ""),
            until="" if end.next_at is None else f" until {local_time(end.next_at)}",
            attempts=counted(end.attempts, "attempt"),
            last=end.status or short(end.fault or "no answer", 80),
        )
        yield Text.assemble((f"{mark} ", style), (f"{end.seq}  ", "bold"), state)
    for command in trace_end.next_steps:
        yield Text.assemble(("→ ", "cyan"), plain(command))


render_trace = drawing({Arrived: _arrived, Tried: _tried, TraceEnd: _end})
