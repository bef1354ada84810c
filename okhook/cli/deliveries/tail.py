"""``okhook deliveries tail``: see what another okhook receives."""

from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.command import command

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command()
def tail(
    ctx: "Context",
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, max=100_000, help="Records to show first.")
    ] = 10,
) -> None:
    """Follow what a receiver on this machine keeps, without missing any of it; Ctrl-C ends it."""
    from okhook.cli.deliveries.tail_run import tail_and_show

    tail_and_show(ctx, lines)
