"""Run ``okhook deliveries list``, ``search``, ``tail`` and ``prune``."""

import shlex
import time
from collections.abc import Sequence
from dataclasses import replace

from okhook.activity import Stopped
from okhook.cli.console import Console, OutputHeld
from okhook.cli.context import Context
from okhook.cli.deliveries.view import RecordLines, prune_lines
from okhook.cli.options import quantity
from okhook.cli.prompts import confirmed
from okhook.cli.record_options import FilterFlags, PageFlags, record_filter
from okhook.cli.remedies import words_of
from okhook.cli.store_reader import opened_reader, receiver_called
from okhook.errors import AnswerIsNo
from okhook.quantities import parse_keep, shown_size
from okhook.records.activities import RecordFound, RecordsPruned
from okhook.records.record import Found, RecordFilter
from okhook.runtime.ids import utc_now
from okhook.store.contract import Reader
from okhook.text import counted, plain
from okhook.wire.event_types import meant

_POLL_S = 0.2
"""How often to read the store. Without new records, this takes less than a millisecond."""

_PAGE = 200


def show_page(
    ctx: Context, subcommand: str, flags: FilterFlags, page: PageFlags, words: Sequence[str] = ()
) -> None:
    """Show one page of the records that match, newest first, and the command for the next."""
    console = ctx.console
    wanted = record_filter(flags, now=utc_now(), words=words)
    with opened_reader(ctx) as reader:
        wanted = replace(wanted, receiver=receiver_called(ctx, reader, wanted.receiver))
        found = reader.find(wanted, limit=page.limit + 1, before=page.before)
        shown = found[: page.limit]
        lines = _lines_of(shown, console)
        if shown and console.is_live:
            console.out.write(lines.head())
        console.show_all(_listed(reader, shown), lines)
        names = reader.receivers()
    if not shown:
        near = " ".join(filter(None, map(meant, flags.events or ())))
        console.note(f"no deliveries found{near and f'; {near}'}")
        if flags.user is not None and "@" not in flags.user:
            search = shlex.join(["okhook", "deliveries", "search", plain(flags.user)])
            console.note(f"--user takes a whole login or id; to search all payloads: {search}")
        if wanted.receiver is not None and wanted.receiver not in names:
            console.note(f"the receivers are: {', '.join(map(plain, names)) or 'none'}")
    if len(found) > len(shown):
        next_page = replace(page, before=shown[-1].record.seq)
        options = [*words_of(flags), *words_of(next_page)]
        end_of_options = ["--"] if any(word.startswith("-") for word in words) else []
        command = ["okhook", "deliveries", subcommand, *options, *end_of_options, *words]
        console.note(f"more: {shlex.join(command)}")


def _listed(reader: Reader, records: Sequence[Found]) -> list[RecordFound]:
    """Return records as activities, each with its last attempt."""
    attempts = (reader.attempts(each.record.seq) if each.forwards else () for each in records)
    return [
        RecordFound(each, tries[-1] if tries else None)
        for each, tries in zip(records, attempts, strict=True)
    ]


def _lines_of(records: Sequence[Found], console: Console) -> RecordLines:
    highest_seq = max((each.record.seq for each in records), default=0)
    return RecordLines(width=console.width, id_width=len(str(highest_seq)))


def follow(ctx: Context, lines: int, receiver: str | None) -> None:
    """Show the last ``lines`` requests, then each new one, until Ctrl-C."""
    from okhook.runtime.terminal import end_line_of_ctrl_c

    with opened_reader(ctx) as reader:
        receiver = receiver_called(ctx, reader, receiver)
        shown_to, is_writing = _before_the_last(reader, lines, receiver), False
        try:
            ctx.console.note("press Ctrl-C to stop")
            while True:
                while found := reader.after(shown_to, _PAGE):
                    wanted = [each for each in found if receiver in (None, each.record.receiver)]
                    activities, render = _listed(reader, wanted), _lines_of(wanted, ctx.console)
                    is_writing = True
                    ctx.console.show_all(activities, render)
                    is_writing = False
                    shown_to = found[-1].record.seq
                time.sleep(_POLL_S)
        except KeyboardInterrupt:
            end_line_of_ctrl_c()
            if is_writing:  # the reader of the output does not read
                raise OutputHeld from None
    ctx.console.show(Stopped(), lambda _: ())


def _before_the_last(reader: Reader, lines: int, receiver: str | None) -> int:
    """Return the ``seq`` before the last ``lines`` records."""
    if lines == 0:
        return reader.last_seq()
    last = reader.find(RecordFilter(everything=True, receiver=receiver), limit=lines)
    return last[-1].record.seq - 1 if last else 0


def prune_and_show(
    ctx: Context, keep: str, *, unforwarded: bool, dry_run: bool, asks: bool
) -> None:
    """Remove the oldest deliveries, and show how many; with ``dry_run``, only show it."""
    kept = quantity("--keep", keep, parse_keep)
    console = ctx.console
    with opened_reader(ctx) as reader:
        plan = reader.plan_pruning(kept, now=utc_now())
        held = 0 if unforwarded else plan.held
        planned = RecordsPruned(plan.count + plan.held - held, 0, plan.size_bytes, held)
        if dry_run or planned.count == 0:
            console.show(planned, prune_lines)
            return
        size = shown_size(planned.size_bytes)
        question = f"permanently remove {counted(planned.count, 'record')} ({size})?"
        step = "pass --yes, or --dry-run to see what would be removed"
        if asks and not confirmed(ctx, question, next_step=step):
            raise AnswerIsNo("nothing was removed")
        removed = 0
        console.wait_for("pruning")
        for count in reader.prune(plan, held_too=unforwarded):
            removed += count
            console.wait_for(f"pruning  {removed} of {planned.count}")
        console.stop_waiting()
        console.show(replace(planned, removed=removed), prune_lines)
