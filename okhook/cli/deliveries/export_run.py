"""Export: write records as lines, one after the other, so that no store is too large."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import IO

from okhook.cli.context import Context
from okhook.cli.deliveries.shared import looking_back
from okhook.cli.record_options import FilterFlags, record_filter
from okhook.errors import InvalidInput
from okhook.export.new_file import new_file
from okhook.json_form import JsonObject
from okhook.records.attempt import Attempt
from okhook.records.record import Record
from okhook.runtime.ids import utc_now

LineOf = Callable[[Record, Sequence[Attempt]], JsonObject]
"""Makes the JSON line of a record and its attempts."""


def export_to_stdout(ctx: Context, flags: FilterFlags, line_of: LineOf) -> None:
    """Write the records that are wanted to stdout.

    Raises:
        InvalidInput: an option cannot be meant.
        StoreFailed: there is no store, or it cannot be read.

    """
    count = _write(ctx, flags, line_of, sys.stdout)
    sys.stdout.flush()
    ctx.console.note(f"{_records(count)} exported")


def export_to_file(ctx: Context, flags: FilterFlags, line_of: LineOf, file: str) -> None:
    """Write the records that are wanted to a file, which is there whole or not at all.

    Raises:
        InvalidInput: an option cannot be meant, or the file cannot be written.
        StoreFailed: there is no store, or it cannot be read.

    """
    try:
        with new_file(file) as stream:
            count = _write(ctx, flags, line_of, stream)
    except OSError as error:
        raise InvalidInput(
            f"--to-file: {file} cannot be written", why=error.strerror or str(error)
        ) from error
    if ctx.console.is_json:
        ctx.console.write_json({"type": "export", "file": file, "records": count})
    ctx.console.note(f"{_records(count)} exported to {file}")


def _write(ctx: Context, flags: FilterFlags, line_of: LineOf, stream: IO[str]) -> int:
    wanted = record_filter(flags, now=utc_now())
    count = 0
    with looking_back(ctx) as reader:
        for found in reader.in_order(wanted):
            line = line_of(found.record, reader.attempts(found.record.seq))
            stream.write(json.dumps(line, separators=(",", ":")) + "\n")
            count += 1
    return count


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"
