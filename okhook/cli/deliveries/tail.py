"""``okhook deliveries tail``: show new deliveries as they come."""

from typing import Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE
from okhook.cli.record_options import ReceiverOption
from okhook.config.setting import Flag


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
    from okhook.cli.deliveries.run import follow

    follow(ctx, lines, receiver)
