"""Write deliveries as JSON lines, to a file or to stdout."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from okhook.cli.console import json_line
from okhook.cli.context import Context
from okhook.cli.options import write_faults_named
from okhook.cli.record_options import ListFilterFlags, record_filter
from okhook.cli.store_reader import opened_reader, receiver_called
from okhook.config.paths import file_to_write
from okhook.errors import InvalidInput
from okhook.export.format import exported
from okhook.export.redaction import Redactor
from okhook.json_form import JsonObject
from okhook.records.activities import RecordsExported
from okhook.records.attempt import Attempt
from okhook.records.record import Record
from okhook.runtime.atomic_write import atomic_write
from okhook.runtime.ids import utc_now
from okhook.text import counted


def export_records(
    ctx: Context, flags: ListFilterFlags, *, redact: bool, to_file: str | None
) -> None:
    """Write the records that match as JSON lines, to a file or to stdout."""
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
