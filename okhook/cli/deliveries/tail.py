"""``okhook deliveries tail``: show new deliveries as they come."""

from okhook.cli.command import command, option
from okhook.cli.context import Context
from okhook.cli.options import STORE
from okhook.cli.record_options import receiver_option


@command("lines receiver", STORE)
def tail(
    ctx: Context,
    lines: int = option(
        "Number of stored requests to show first",
        short="-n",
        minimum=0,
        maximum=100_000,
        default=10,
    ),
    receiver: str | None = receiver_option(),
) -> None:
    """Show new deliveries as another okhook receives them.

    okhook deliveries tail                     # the last 10, then each new one
    okhook deliveries tail -n 0 --output json  # only new ones, as JSON lines
    """
    from okhook.cli.deliveries.run import follow

    follow(ctx, lines, receiver)
