"""Prune and show: count first, ask, and remove in steps."""

from okhook.cli.context import Context
from okhook.cli.deliveries.prune import PruneFlags
from okhook.cli.deliveries.shared import looking_back
from okhook.cli.deliveries.view import render_prune
from okhook.cli.prompts import confirmed
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.quantities import NotAQuantity, parse_keep
from okhook.runtime.ids import utc_now
from okhook.store.activities import Pruned
from okhook.store.contract import PrunePlan


def prune_and_show(ctx: Context, flags: PruneFlags) -> None:
    """Say what would go, ask, remove it, and say what went.

    Raises:
        InvalidInput: ``--keep`` is none, or nobody can be asked and ``--yes`` is missing.
        AnswerIsNo: whoever was asked said no.
        StoreFailed: there is no store, or it cannot be written.

    """
    try:
        keep = parse_keep(flags.keep)
    except NotAQuantity as error:
        raise InvalidInput(f"--keep: {error}") from None
    console = ctx.console
    with looking_back(ctx) as reader:
        plan = reader.plan_pruning(keep, now=utc_now())
        planned = _planned(plan, flags, removed=0)
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
        console.show(_planned(plan, flags, removed=removed), render_prune)


def _planned(plan: PrunePlan, flags: PruneFlags, *, removed: int) -> Pruned:
    return Pruned(
        count=plan.count + plan.held if flags.unforwarded else plan.count,
        removed=removed,
        size_bytes=plan.size_bytes,
        held=0 if flags.unforwarded else plan.held,
    )


def _confirm(ctx: Context, planned: Pruned) -> None:
    question = f"remove {planned.count} records ({planned.size_bytes / 1e6:.1f} MB) for good?"
    if not confirmed(ctx, question, next_step="add --yes, or --dry-run to see what would go"):
        raise AnswerIsNo("nothing was removed")
