"""``okhook deliveries export``: write deliveries as JSON lines."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE, ToFileOption
from okhook.cli.record_options import LIST_FILTERS, ListFilterFlags, record_filter
from okhook.config.paths import expanded
from okhook.config.setting import Flag
from okhook.errors import InvalidInput

if TYPE_CHECKING:
    from okhook.json_form import JsonObject
    from okhook.records.attempt import Attempt
    from okhook.records.record import Record

    LineOf = Callable[[Record, Sequence[Attempt]], JsonObject]


@command("to_file", "redact", LIST_FILTERS, STORE)
def export(
    ctx: Context,
    wanted: ListFilterFlags,
    redact: Annotated[
        bool,
        Flag(
            "Replace names, logins, ids, addresses and places with placeholders, and leave"
            " out secrets and responses"
        ),
    ] = False,
    to_file: ToFileOption = None,
) -> None:
    """Write deliveries as JSON lines, for `okhook replay --file`.

    okhook deliveries export --to-file all.jsonl
    okhook deliveries export --redact --status failed > failed.jsonl  # to share
    okhook deliveries export --since 7d --event user.session.start
    """
    from okhook.export.format import exported
    from okhook.export.redaction import Redactor
    from okhook.records.activities import RecordsExported
    from okhook.runtime.atomic_write import atomic_write
    from okhook.text import counted

    line_of = Redactor().exported if redact else exported
    if to_file is None:
        count = _write(ctx, wanted, line_of, sys.stdout)
        sys.stdout.flush()
        ctx.console.note(f"exported {counted(count, 'record')}")
        return
    target = expanded(to_file, to_file)
    if _is_the_store(ctx, target):
        raise InvalidInput(
            f"could not write {to_file}",
            why="it is the store that the records are read from",
            next_step="name another file",
        )
    try:
        with atomic_write(target) as stream:
            count = _write(ctx, wanted, line_of, stream)
    except OSError as error:
        raise InvalidInput(
            f"could not write {to_file}", why=error.strerror or str(error)
        ) from error
    if ctx.console.is_json:
        ctx.console.write_json(RecordsExported(to_file, count).to_json())
    ctx.console.note(f"exported {counted(count, 'record')} to {to_file}")


def _is_the_store(ctx: Context, target: Path) -> bool:
    store = ctx.store
    try:
        return isinstance(store, Path) and store.samefile(target)
    except OSError:
        return False


def _write(ctx: Context, flags: ListFilterFlags, line_of: "LineOf", stream: IO[str]) -> int:
    """Write the records one at a time, and return how many."""
    from okhook.cli.console import json_line
    from okhook.cli.deliveries.shared import looking_back, receiver_called
    from okhook.runtime.ids import utc_now

    wanted = record_filter(flags, now=utc_now())
    count = 0
    with looking_back(ctx) as reader:
        wanted = replace(wanted, receiver=receiver_called(ctx, reader, wanted.receiver))
        for found in reader.in_order(wanted):
            stream.write(json_line(line_of(found.record, reader.attempts(found.record.seq))))
            count += 1
    return count
