"""``okhook deliveries tail``: see what another okhook receives."""

from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command
from okhook.config.setting import Flag

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command()
def tail(
    ctx: "Context",
    lines: Annotated[
        int, Flag("Records to show first.", short="-n", minimum=0, maximum=100_000)
    ] = 10,
) -> None:
    """Follow what a receiver on this machine keeps, without missing any of it; Ctrl-C ends it."""
    from okhook.cli.deliveries.tail_run import tail_and_show

    tail_and_show(ctx, lines)
