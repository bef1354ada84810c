"""``okhook deliveries prune``: make room in the store."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command
from okhook.cli.options import YesOption
from okhook.config.setting import Flag

if TYPE_CHECKING:
    from okhook.cli.context import Context


@dataclass(frozen=True, slots=True)
class PruneFlags:
    """The flags of ``prune``."""

    keep: Annotated[
        str,
        Flag(
            "What stays: 30d, 10000 for the newest ten thousand, or 500MB.",
            metavar="AGE|COUNT|SIZE",
        ),
    ]
    unforwarded: Annotated[
        bool, Flag("Remove what an app that it is forwarded to has not taken, too.")
    ] = False
    dry_run: Annotated[bool, Flag("Say what would go, and remove nothing.")] = False
    yes: YesOption = False


@command()
def prune(ctx: "Context", flags: PruneFlags) -> None:
    """Remove the oldest records from the store, for good; says how many, and asks first."""
    from okhook.cli.deliveries.prune_run import prune_and_show

    prune_and_show(ctx, flags)
