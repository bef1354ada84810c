"""``okhook deliveries tail``: follow what another okhook receives."""

import time
from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE
from okhook.cli.record_options import ReceiverOption
from okhook.config.setting import Flag

if TYPE_CHECKING:
    from okhook.store.contract import Reader

_POLL_S = 0.2
"""How often to read the store. Without new records, this takes less than a millisecond."""

_PAGE = 200


@command("lines", "receiver", STORE)
def tail(
    ctx: Context,
    lines: Annotated[
        int, Flag("Number of stored requests to show first", short="-n", minimum=0, maximum=100_000)
    ] = 10,
    receiver: ReceiverOption = None,
) -> None:
    """Show new deliveries as another okhook receives them.

    okhook deliveries tail                     # the last 10, then each new one
    okhook deliveries tail -n 0 --output json  # only new ones, as JSON lines
    """
    from okhook.activity import Stopped
    from okhook.cli.console import OutputHeld
    from okhook.cli.deliveries.shared import listed, looking_back, receiver_called, record_lines
    from okhook.runtime.terminal import end_line_of_ctrl_c

    with looking_back(ctx) as reader:
        receiver = receiver_called(ctx, reader, receiver)
        shown_to, is_writing = _before_the_last(reader, lines, receiver), False
        try:
            ctx.console.note("press Ctrl-C to stop")
            while True:
                while found := reader.after(shown_to, _PAGE):
                    wanted = [each for each in found if receiver in (None, each.record.receiver)]
                    activities, render = listed(reader, wanted), record_lines(ctx.console, wanted)
                    is_writing = True
                    ctx.console.show_all(activities, render)
                    is_writing = False
                    shown_to = found[-1].record.seq
                time.sleep(_POLL_S)
        except KeyboardInterrupt:
            end_line_of_ctrl_c()
            if is_writing:  # the reader of the output does not read
                raise OutputHeld from None
    if ctx.console.is_json:
        ctx.console.write_json(Stopped().to_json())


def _before_the_last(reader: "Reader", lines: int, receiver: str | None) -> int:
    """Return the ``seq`` before the last ``lines`` records."""
    from okhook.records.record import RecordFilter

    if lines == 0:
        return reader.last_seq()
    last = reader.find(RecordFilter(everything=True, receiver=receiver), limit=lines)
    return last[-1].record.seq - 1 if last else 0
