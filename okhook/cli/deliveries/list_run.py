"""List and show: a page of records, and how to get the next one."""

import shlex
from dataclasses import dataclass

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.deliveries.shared import looking_back
from okhook.cli.deliveries.view import RecordLines
from okhook.cli.record_options import FilterFlags, PageFlags, record_filter
from okhook.records.activities import RecordFound
from okhook.records.record import Found
from okhook.runtime.ids import utc_now
from okhook.store.contract import Reader


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is wanted: of what ``okhook deliveries`` does with ``command``, for ``words``."""

    command: str
    flags: PageFlags
    words: tuple[str, ...] = ()

    def next_command(self, flags: FilterFlags, last_seq: int) -> str:
        """Return the command for the page after one that ends with the record ``last_seq``."""
        limit = self.flags.limit
        limited = [] if limit == PageFlags().limit else ["--limit", str(limit)]
        options = [*flags.words(), *limited, "--before", str(last_seq)]
        end_of_options = ["--"] if any(word.startswith("-") for word in self.words) else []
        words = ["okhook", "deliveries", self.command, *options, *end_of_options, *self.words]
        return shlex.join(words)


def list_and_show(ctx: Context, flags: FilterFlags, page: Page) -> None:
    """Show one page of what is wanted, newest first.

    Raises:
        InvalidInput: an option cannot be meant.
        StoreFailed: there is no store, or it cannot be read.

    """
    console = ctx.console
    wanted = record_filter(flags, now=utc_now(), words=page.words)
    with looking_back(ctx) as reader:
        found = reader.find(wanted, limit=page.flags.limit + 1, before=page.flags.before)
        shown = found[: page.flags.limit]
        lines = record_lines(console, max((each.record.seq for each in shown), default=0))
        console.show_all((listed(reader, each) for each in shown), lines)
    if not shown:
        console.note("nothing was found")
    if len(found) > len(shown):
        console.note(f"more: {page.next_command(flags, shown[-1].record.seq)}")


def listed(reader: Reader, found: Found) -> RecordFound:
    """Return a record as it stands in a list, with the last attempt to send it."""
    attempts = reader.attempts(found.record.seq) if found.forwards else ()
    return RecordFound(found, attempts[-1] if attempts else None)


def record_lines(console: Console, highest_seq: int) -> RecordLines:
    """Return what makes lines of records: cut to a terminal's width, and to none elsewhere."""
    width = console.out.width if console.is_live else None
    return RecordLines(width=width, id_width=len(str(highest_seq)))
