"""Run ``okhook trace``: find the records of a query, and show what happened to them."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from rich.text import Text

from okhook.cli.context import Context
from okhook.cli.options import check_texts
from okhook.cli.remedies import text_with_flags
from okhook.cli.store_reader import identified, opened_reader
from okhook.cli.views.attempts import PURPOSES, attempt_outcome
from okhook.cli.views.lines import clock, drawing, local_time, short, shown_url
from okhook.cli.views.record import what_happened
from okhook.config.names import receiver_name
from okhook.errors import AnswerIsNo
from okhook.records.record import Found, RecordFilter
from okhook.runtime.run_files import ReceiverRun
from okhook.store.contract import Reader
from okhook.text import counted, plain
from okhook.trace.story import Arrived, DeliveryState, TraceEnd, Tried, trace

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


def trace_and_show(ctx: Context, query: str, limit: int) -> None:
    """Show what happened to the records of ``query``; for a login, to the newest ``limit``."""
    check_texts("QUERY", [query])
    with opened_reader(ctx) as reader:
        named = identified(reader, query) or _of_user(ctx, reader, query, limit)
        if not named:
            search = shlex.join(["okhook", "deliveries", "search", query])
            raise AnswerIsNo(
                f"found no delivery for {query}", next_step=f"search all payloads with `{search}`"
            )
        kept = _with_repeats(reader, named)
        attempts = {seq: reader.attempts(seq) for seq in kept}
        here = receiver_name(ctx.settings)
        served = {
            (run.receiver, app)
            for run in ctx.run_directory.running(ReceiverRun)
            if run.stores_in(ctx.store)
            for app in run.forward_to
        }
        steps, end = trace(query, kept.values(), attempts, reader.targets(), here, served)
    flags = ctx.settings.layers[0]
    to_do = tuple(text_with_flags(Text(each), flags).plain for each in end.next_steps)
    ctx.console.show_all((*steps, replace(end, next_steps=to_do)), render_trace)


def _of_user(ctx: Context, reader: Reader, query: str, limit: int) -> list[Found]:
    found = reader.find(RecordFilter(user=query), limit=limit + 1)
    if len(found) > limit:
        ctx.console.note(f"showing the {limit} newest; show more with --limit N")
    return found[:limit]


def _with_repeats(reader: Reader, named: list[Found]) -> dict[int, Found]:
    """Return the records by ``seq``, with the original and all duplicates of each."""
    kept = {each.record.seq: each for each in named}
    for each in named:
        first = each.record.duplicate_of
        if first is not None and first not in kept:
            latest = reader.find(RecordFilter(everything=True), limit=1, before=first + 1)
            kept |= {found.record.seq: found for found in latest if found.record.seq == first}
    for seq in list(kept):
        kept |= {found.record.seq: found for found in reader.repeats(seq)}
    return kept


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
