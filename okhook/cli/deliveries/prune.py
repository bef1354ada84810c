"""``okhook deliveries prune``: make room in the store."""

from typing import Annotated

import typer

from okhook.cli.options import OutputOption, QuietOption


def prune(
    keep: Annotated[
        str,
        typer.Option(
            "--keep",
            metavar="AGE|COUNT|SIZE",
            help="What stays: 30d, 10000 for the newest ten thousand, or 500MB.",
        ),
    ],
    unforwarded: Annotated[
        bool,
        typer.Option(
            "--unforwarded", help="Remove what an app that it is forwarded to has not taken, too."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Remove the oldest records from the store, for good; says how many, and asks first."""
    from okhook.cli.context import start
    from okhook.cli.deliveries.prune_run import PruneFlags, prune_and_show

    ctx = start({"output": output, "quiet": quiet})
    flags = PruneFlags(keep=keep, unforwarded=unforwarded, dry_run=dry_run, yes=yes)
    prune_and_show(ctx, flags)
