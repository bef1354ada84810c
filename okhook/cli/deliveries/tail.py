"""``okhook deliveries tail``: see what another okhook receives."""

from typing import Annotated

import typer

from okhook.cli.options import OutputOption, QuietOption


def tail(
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, max=100_000, help="Records to show first.")
    ] = 10,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Follow what a receiver on this machine keeps, without missing any of it; Ctrl-C ends it."""
    from okhook.cli.context import start
    from okhook.cli.deliveries.tail_run import tail_and_show

    tail_and_show(start({"output": output, "quiet": quiet}), lines)
