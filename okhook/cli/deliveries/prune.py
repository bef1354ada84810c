"""``okhook deliveries prune``: delete the oldest deliveries."""

from dataclasses import replace
from typing import Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE, YesOption, quantity
from okhook.config.setting import Flag
from okhook.errors import AnswerIsNo


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
    from okhook.cli.deliveries.shared import looking_back
    from okhook.cli.deliveries.view import render_prune
    from okhook.cli.prompts import confirmed
    from okhook.quantities import parse_keep
    from okhook.records.activities import RecordsPruned
    from okhook.runtime.ids import utc_now

    kept = quantity("--keep", keep, parse_keep)
    console = ctx.console
    with looking_back(ctx) as reader:
        plan = reader.plan_pruning(kept, now=utc_now())
        held = 0 if unforwarded else plan.held
        planned = RecordsPruned(plan.count + plan.held - held, 0, plan.size_bytes, held)
        if dry_run or planned.count == 0:
            console.show(planned, render_prune)
            return
        question = (
            f"permanently remove {planned.count} deliveries ({planned.size_bytes / 1e6:.1f} MB)?"
        )
        step = "pass --yes, or --dry-run to see what would be removed"
        if not yes and not confirmed(ctx, question, next_step=step):
            raise AnswerIsNo("nothing was removed")
        removed = 0
        console.wait_for("pruning")
        for count in reader.prune(plan, held_too=unforwarded):
            removed += count
            console.wait_for(f"pruning  {removed} of {planned.count}")
        console.stop_waiting()
        console.show(replace(planned, removed=removed), render_prune)
