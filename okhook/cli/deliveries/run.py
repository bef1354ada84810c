"""Run ``okhook deliveries``: show a page, one delivery or new ones; export and prune them."""

import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from okhook.activity import Stopped
from okhook.cli.console import Console, OutputHeld, json_line
from okhook.cli.context import Context
from okhook.cli.deliveries.view import RecordLines, prune_lines, record_in_full
from okhook.cli.options import quantity, write_faults_named
from okhook.cli.record_options import FilterFlags, ListFilterFlags, PageFlags, record_filter
from okhook.cli.remedies import words_of
from okhook.cli.store_reader import opened_reader, receiver_called, records_named
from okhook.config.paths import file_to_write
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.json_form import JsonObject
from okhook.quantities import parse_keep, shown_size
from okhook.records.activities import (
    CurlWritten,
    RecordFound,
    RecordsExported,
    RecordShown,
    RecordsPruned,
)
from okhook.records.attempt import Attempt
from okhook.records.record import Found, Record, RecordFilter
from okhook.runtime.ids import utc_now
from okhook.store.contract import Reader
from okhook.text import counted, plain, plain_lines
from okhook.wire.event_types import meant
from okhook.wire.target_url import gets_okta_bytes

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


def show_one(ctx: Context, named: str, *, raw: bool, curl: bool, web: bool) -> None:
    """Show a delivery: its body, a curl command, in the browser, or all that is known of it."""
    with opened_reader(ctx) as reader:
        found = _found(ctx, reader, named)
        seq = found.record.seq
        attempts = reader.attempts(seq)
        repeats = [each.record.seq for each in reader.repeats(seq)]
    if web:
        from okhook.cli.inspect.run import inspect_and_show

        inspect_and_show(ctx, open_=True, seq=seq)
    elif raw:
        _write_body(named, found.record.request.body)
    elif curl:
        _write_curl(ctx, found.record, [attempt.target for attempt in attempts])
    else:
        ctx.console.show(RecordShown(found, attempts, repeats), record_in_full)


def _found(ctx: Context, reader: Reader, named: str) -> Found:
    """Return the record of an id; of a delivery and its duplicates, the first."""
    found = records_named(reader, named)
    first = next((each for each in found if not each.record.is_duplicate), found[0])
    others = [
        str(each.record.seq)
        for each in found
        if each is not first and each.record.duplicate_of != first.record.seq
    ]
    if others:
        ctx.console.note(f"{named} is also in: {', '.join(others)}")
    return first


def _write_body(named: str, body: bytes) -> None:
    if sys.stdout.isatty() and not _is_harmless(body):
        raise InvalidInput(
            "the body has control characters, which are not safe on a terminal",
            next_step=f"okhook deliveries show {shlex.quote(named)} --raw > body.bin",
        )
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def _is_harmless(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return plain_lines(text) == text.replace("\t", " ").split("\n")


def _write_curl(ctx: Context, record: Record, tried: list[str]) -> None:
    """Write a curl command for ``--to``, else for the last app, else for the receiver.

    It sends what Okta sent, so streams and apps that get CloudEvents do not count.
    """
    from okhook.cli.send_sample.recipient import recipient_of
    from okhook.records.curl import curl_command

    to = ctx.settings.to
    asked = to is not None and to.from_flag
    apps = list(filter(gets_okta_bytes, tried))
    url = apps[-1] if apps and not asked else recipient_of(ctx).url
    command_line = curl_command(record.request, url)
    if ctx.console.is_json:
        ctx.console.write_json(CurlWritten(record, command_line).to_json())
        return
    sys.stdout.write(f"{command_line}\n")


def export_records(
    ctx: Context, flags: ListFilterFlags, *, redact: bool, to_file: str | None
) -> None:
    """Write the records that match as JSON lines, to a file or to stdout."""
    from okhook.export.format import exported
    from okhook.export.redaction import Redactor
    from okhook.runtime.atomic_write import atomic_write

    line_of = Redactor().exported if redact else exported
    if to_file is None:
        count = _write(ctx, flags, line_of, sys.stdout)
        sys.stdout.flush()
        ctx.console.note(f"exported {counted(count, 'record')}")
        return
    target = file_to_write(to_file, "--to-file")
    if _is_the_store(ctx, target):
        raise InvalidInput(
            f"could not write {to_file}",
            why="it is the store that the records are read from",
            next_step="name another file",
        )
    with write_faults_named(to_file), atomic_write(target) as stream:
        count = _write(ctx, flags, line_of, stream)
    ctx.console.show(RecordsExported(to_file, count), lambda _: ())
    ctx.console.note(f"exported {counted(count, 'record')} to {to_file}")


def _is_the_store(ctx: Context, target: Path) -> bool:
    store = ctx.store
    try:
        return isinstance(store, Path) and store.samefile(target)
    except OSError:
        return False


def _write(
    ctx: Context,
    flags: ListFilterFlags,
    line_of: Callable[[Record, Sequence[Attempt]], JsonObject],
    stream: IO[str],
) -> int:
    """Write the records one at a time, and return how many."""
    wanted = record_filter(flags, now=utc_now())
    count = 0
    with opened_reader(ctx) as reader:
        wanted = replace(wanted, receiver=receiver_called(ctx, reader, wanted.receiver))
        for found in reader.in_order(wanted):
            stream.write(json_line(line_of(found.record, reader.attempts(found.record.seq))))
            count += 1
    return count


def prune_and_show(
    ctx: Context, keep: str, *, unforwarded: bool, dry_run: bool, asks: bool
) -> None:
    """Remove the oldest deliveries, and show how many; with ``dry_run``, only show it."""
    from okhook.cli.prompts import confirmed

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
