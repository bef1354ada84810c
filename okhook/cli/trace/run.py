"""Run ``okhook trace``: find the records of a query, and show what happened to them."""

import shlex
from dataclasses import replace

from rich.text import Text

from okhook.cli.context import Context
from okhook.cli.deliveries.shared import identified, looking_back
from okhook.cli.record_options import check_texts
from okhook.cli.remedies import completed
from okhook.cli.trace.view import render_trace
from okhook.errors import AnswerIsNo
from okhook.records.record import Found, RecordFilter
from okhook.store.contract import Reader
from okhook.trace.story import trace


def trace_and_show(ctx: Context, query: str, limit: int) -> None:
    """Show what happened to the records of ``query``; for a login, to the newest ``limit``."""
    check_texts("QUERY", [query])
    with looking_back(ctx) as reader:
        named = identified(reader, query) or _of_user(ctx, reader, query, limit)
        if not named:
            search = shlex.join(["okhook", "deliveries", "search", query])
            raise AnswerIsNo(
                f"found no delivery for {query}", next_step=f"search all payloads with `{search}`"
            )
        kept = _with_repeats(reader, named)
        attempts = {seq: reader.attempts(seq) for seq in kept}
        here = ctx.settings.receiver_name
        steps, end = trace(query, kept.values(), attempts, reader.targets(), here)
    flags = ctx.settings.layers[0]
    to_do = tuple(completed(Text(f"→ {each}"), flags).plain[2:] for each in end.next_steps)
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
