"""``okhook reconcile``: find the events that the hook missed, and deliver them."""

from dataclasses import dataclass
from typing import Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import SECRET
from okhook.config.setting import Flag


@dataclass(frozen=True, slots=True)
class ReconcileFlags:
    """The flags of ``reconcile`` that are no settings."""

    hook: Annotated[
        str | None,
        Flag(
            "The event hook.", metavar="ID|NAME", shown_default="the one that okhook register makes"
        ),
    ] = None
    since: Annotated[
        str | None,
        Flag(
            "From when on: an age (24h, 7d), a date, a time.",
            metavar="AGE|TIME",
            shown_default="24h, or from where the last run left something open",
        ),
    ] = None
    grace: Annotated[str, Flag("How long an event may be on its way.", metavar="AGE")] = "10m"
    fix: Annotated[bool, Flag("Rebuild what was missed, and have the receiver take it in.")] = False
    as_if_active: Annotated[
        bool, Flag("Count what happened while the hook was inactive or unverified as missed, too.")
    ] = False
    watch: Annotated[bool, Flag("Go on looking, until Ctrl-C ends it.")] = False
    every: Annotated[
        str | None, Flag("With --watch, how often it looks.", metavar="AGE", shown_default="1m")
    ] = None


@command("org", "flags", *SECRET)
def reconcile(ctx: Context, flags: ReconcileFlags) -> None:
    """Hold the org's System Log against the store: what the hook missed, and why."""
    from okhook.cli.reconcile.run import reconcile_and_show

    reconcile_and_show(ctx, flags)
