"""``okhook deliveries prune``: remove the oldest deliveries."""

from okhook.cli.command import REQUIRED, command, option, switch
from okhook.cli.context import Context
from okhook.cli.options import STORE, yes_switch


@command("keep dry_run unforwarded yes", STORE)
def prune(
    ctx: Context,
    keep: str = option(
        "What to keep: an age (30d), a number (10000) or a size (500MB)",
        metavar="AGE|COUNT|SIZE",
        default=REQUIRED,
    ),
    unforwarded: bool = switch("Also remove deliveries that your app has not accepted"),
    dry_run: bool = switch("Show what would be removed, and remove nothing"),
    yes: bool = yes_switch(),
) -> None:
    """Remove the oldest deliveries from the store for good.

    okhook deliveries prune --keep 30d --dry-run  # see what would be removed
    okhook deliveries prune --keep 10000          # keep the newest ten thousand
    okhook deliveries prune --keep 500MB --yes    # do not ask
    """
    from okhook.cli.deliveries.run import prune_and_show

    prune_and_show(ctx, keep, unforwarded=unforwarded, dry_run=dry_run, asks=not yes)
