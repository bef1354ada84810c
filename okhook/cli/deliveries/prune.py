"""``okhook deliveries prune``: remove the oldest deliveries."""

from typing import Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE, YesOption
from okhook.config.setting import Flag


@command("keep", "dry_run", "unforwarded", "yes", STORE)
def prune(
    ctx: Context,
    keep: Annotated[
        str,
        Flag(
            "What to keep: an age (30d), a number (10000) or a size (500MB)",
            metavar="AGE|COUNT|SIZE",
        ),
    ],
    unforwarded: Annotated[
        bool, Flag("Also remove deliveries that your app has not accepted")
    ] = False,
    dry_run: Annotated[bool, Flag("Show what would be removed, and remove nothing")] = False,
    yes: YesOption = False,
) -> None:
    """Remove the oldest deliveries from the store for good.

    okhook deliveries prune --keep 30d --dry-run  # see what would be removed
    okhook deliveries prune --keep 10000          # keep the newest ten thousand
    okhook deliveries prune --keep 500MB --yes    # do not ask
    """
    from okhook.cli.deliveries.run import prune_and_show

    prune_and_show(ctx, keep, unforwarded=unforwarded, dry_run=dry_run, asks=not yes)
