"""``okhook deliveries tail``: see what another okhook receives."""

import time
from typing import TYPE_CHECKING, Annotated, final

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.config.setting import Flag

if TYPE_CHECKING:
    from okhook.store.contract import Reader

POLL_S = 0.2
"""How often the store is asked. A look at it that finds nothing takes less than a millisecond."""

_PAGE = 200


@command()
def tail(
    ctx: Context,
    lines: Annotated[
        int, Flag("Records to show first.", short="-n", minimum=0, maximum=100_000)
    ] = 10,
) -> None:
    """Follow what a receiver on this machine keeps, without missing any of it; Ctrl-C ends it."""
    from okhook.activity import Stopped
    from okhook.cli.console import OutputHeld
    from okhook.cli.deliveries.shared import looking_back

    with looking_back(ctx) as reader:
        follower = _Follower(ctx, reader, lines)
        try:
            ctx.console.note("Ctrl-C ends it")
            while True:
                follower.show_new()
                time.sleep(POLL_S)
        except KeyboardInterrupt:
            if follower.is_writing:
                raise OutputHeld from None
    if ctx.console.is_json:
        ctx.console.write_json(Stopped().to_json())


@final
class _Follower:
    """Shows records from where it stopped. ``is_writing`` while it waits for somebody to read."""

    def __init__(self, ctx: Context, reader: "Reader", lines: int) -> None:
        self.is_writing = False
        self._console = ctx.console
        self._reader = reader
        self._shown_to = _before_the_last(reader, lines)

    def show_new(self) -> None:
        """Show whatever came since the last look."""
        from okhook.cli.deliveries.shared import listed, record_lines

        while found := self._reader.after(self._shown_to, _PAGE):
            lines = record_lines(self._console, found[-1].record.seq)
            activities = [listed(self._reader, each) for each in found]
            self.is_writing = True
            self._console.show_all(activities, lines)
            self.is_writing = False
            self._shown_to = found[-1].record.seq


def _before_the_last(reader: "Reader", lines: int) -> int:
    """Return the ``seq`` after which the last ``lines`` records come."""
    from okhook.records.filter import RecordFilter

    if lines == 0:
        return reader.last_seq()
    last = reader.find(RecordFilter(everything=True), limit=lines)
    return last[-1].record.seq - 1 if last else 0
