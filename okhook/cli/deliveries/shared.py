"""What several subcommands do: open the store to look into it, and list records from it."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.deliveries.view import RecordLines
from okhook.cli.record_options import FilterFlags, PageFlags, record_filter
from okhook.errors import AnswerIsNo
from okhook.records.activities import RecordFound
from okhook.records.record import Found
from okhook.runtime.ids import utc_now
from okhook.store.contract import Reader
from okhook.store.open import open_reader

_TOLD_BEYOND = 1000
"""Indexing this many records takes a tenth of a second."""


@contextmanager
def looking_back(ctx: Context) -> Iterator[Reader]:
    """Give a reader of the store, for as long as the block lasts.

    What is still to be derived from its records is derived first.

    Raises:
        StoreFailed: there is no store, or it cannot be read.
    """
    console = ctx.console

    def tell_of_many(left: int) -> None:
        if left > _TOLD_BEYOND:
            console.wait_for(f"indexing {left} records")

    with open_reader(ctx.store_file) as reader:
        left = reader.catch_up(tell_of_many)
        console.stop_waiting()
        if left:
            console.note(f"the {left} newest records are not indexed yet, and not looked at")
        yield reader


def show_page(
    ctx: Context, subcommand: str, flags: FilterFlags, page: PageFlags, words: Sequence[str] = ()
) -> None:
    """Show one page of what is wanted, newest first, and how to get the next one.

    Raises:
        InvalidInput: an option is invalid.
        StoreFailed: there is no store, or it cannot be read.
    """
    console = ctx.console
    wanted = record_filter(flags, now=utc_now(), words=words)
    with looking_back(ctx) as reader:
        found = reader.find(wanted, limit=page.limit + 1, before=page.before)
        shown = found[: page.limit]
        console.show_all(listed(reader, shown), record_lines(console, shown))
    if not shown:
        console.note("nothing was found")
    if len(found) > len(shown):
        limit = [] if page.limit == PageFlags().limit else ["--limit", str(page.limit)]
        options = [*flags.words(), *limit, "--before", str(shown[-1].record.seq)]
        end_of_options = ["--"] if any(word.startswith("-") for word in words) else []
        command = ["okhook", "deliveries", subcommand, *options, *end_of_options, *words]
        console.note(f"more: {shlex.join(command)}")


def listed(reader: Reader, records: Sequence[Found]) -> list[RecordFound]:
    """Return records as they stand in a list, each with the last attempt to send it."""
    attempts = (reader.attempts(each.record.seq) if each.forwards else () for each in records)
    return [
        RecordFound(each, tries[-1] if tries else None)
        for each, tries in zip(records, attempts, strict=True)
    ]


def record_lines(console: Console, records: Sequence[Found]) -> RecordLines:
    """Return what makes lines of these records, cut to a terminal's width."""
    highest_seq = max((each.record.seq for each in records), default=0)
    return RecordLines(width=console.width, id_width=len(str(highest_seq)))


def records_named(reader: Reader, text: str) -> list[Found]:
    """Return the records of an id, in order of arrival.

    Raises:
        AnswerIsNo: there is none.
    """
    found = reader.identified(text)
    if not found:
        raise AnswerIsNo(
            f"there is no record {text}", next_step="`okhook deliveries list` shows what there is"
        )
    return found
