"""Trace: gather what belongs to a query, and tell its story."""

import shlex

from okhook.cli.filter_options import check_texts
from okhook.cli.looking_back import looking_back
from okhook.cli.render.trace import render_trace
from okhook.cli.start import Start
from okhook.errors import AnswerIsNo
from okhook.record import Found
from okhook.record_filter import RecordFilter
from okhook.store.reading import StoreReader
from okhook.trace.story import trace


def trace_and_show(begun: Start, query: str, limit: int) -> None:
    """Tell the story of what ``query`` names; of a person, of the newest ``limit`` records.

    Raises:
        InvalidInput: what is named is empty, or no text.
        AnswerIsNo: there is nothing of that name.
        StoreFailed: there is no store, or it cannot be read.

    """
    check_texts("what is to be traced", [query])
    with looking_back(begun) as reader:
        named = reader.identified(query) or _of_a_person(begun, reader, query, limit)
        if not named:
            search = shlex.join(["okhook", "deliveries", "search", query])
            raise AnswerIsNo(
                f"nothing is kept of {query}", next_step=f"{search} looks at every word"
            )
        kept = _with_repeats(reader, named)
        attempts = {seq: reader.attempts(seq) for seq in kept}
        told = trace(query, kept.values(), attempts, reader.targets())
    begun.console.show_all((*told.steps, told.end), render_trace)


def _of_a_person(begun: Start, reader: StoreReader, query: str, limit: int) -> list[Found]:
    found = reader.find(RecordFilter(user=query), limit=limit + 1)
    if len(found) > limit:
        begun.console.note(f"only the newest {limit} are told: --limit N for more")
    return found[:limit]


def _with_repeats(reader: StoreReader, named: list[Found]) -> dict[int, Found]:
    """Return what was named by ``seq``, with the first one of each duplicate, and its others."""
    kept = {each.record.seq: each for each in named}
    for each in named:
        first = each.record.duplicate_of
        if first is not None and first not in kept:
            latest = reader.find(RecordFilter(everything=True), limit=1, before=first + 1)
            kept |= {found.record.seq: found for found in latest if found.record.seq == first}
    for seq in list(kept):
        kept |= {found.record.seq: found for found in reader.repeats(seq)}
    return kept
