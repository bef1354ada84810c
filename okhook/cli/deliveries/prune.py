"""``okhook deliveries prune``: make room in the store."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import YesOption
from okhook.config.setting import Flag
from okhook.errors import AnswerIsNo, InvalidInput

if TYPE_CHECKING:
    from okhook.records.activities import RecordsPruned
    from okhook.store.contract import PrunePlan


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
def prune(ctx: Context, flags: PruneFlags) -> None:
    """Remove the oldest records from the store, for good; says how many, and asks first."""
    from okhook.cli.deliveries.shared import looking_back
    from okhook.cli.deliveries.view import render_prune
    from okhook.quantities import NotAQuantity, parse_keep
    from okhook.runtime.ids import utc_now

    try:
        keep = parse_keep(flags.keep)
    except NotAQuantity as error:
        raise InvalidInput(f"--keep: {error}") from None
    console = ctx.console
    with looking_back(ctx) as reader:
        plan = reader.plan_pruning(keep, now=utc_now())
        planned = _pruned(plan, flags, removed=0)
        if flags.dry_run or planned.count == 0:
            console.show(planned, render_prune)
            return
        if not flags.yes:
            _confirm(ctx, planned)
        removed = 0
        console.wait_for("pruning")
        for count in reader.prune(plan, held_too=flags.unforwarded):
            removed += count
            console.wait_for(f"pruning  {removed} of {planned.count}")
        console.stop_waiting()
        console.show(_pruned(plan, flags, removed=removed), render_prune)


def _pruned(plan: "PrunePlan", flags: PruneFlags, *, removed: int) -> "RecordsPruned":
    from okhook.records.activities import RecordsPruned

    return RecordsPruned(
        count=plan.count + plan.held if flags.unforwarded else plan.count,
        removed=removed,
        size_bytes=plan.size_bytes,
        held=0 if flags.unforwarded else plan.held,
    )


def _confirm(ctx: Context, planned: "RecordsPruned") -> None:
    from okhook.cli.prompts import confirmed

    question = f"remove {planned.count} records ({planned.size_bytes / 1e6:.1f} MB) for good?"
    if not confirmed(ctx, question, next_step="add --yes, or --dry-run to see what would go"):
        raise AnswerIsNo("nothing was removed")
