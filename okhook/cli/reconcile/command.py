"""``okhook reconcile``: find the events that the hook missed, and deliver them."""

from dataclasses import dataclass
from typing import Annotated

from okhook.cli.command import Panel, command
from okhook.cli.context import Context
from okhook.cli.options import SECRET, STORE, HookOption
from okhook.config.setting import Flag


@dataclass(frozen=True, slots=True)
class ReconcileFlags:
    """The flags of ``reconcile`` that are no settings."""

    hook: HookOption = None
    since: Annotated[
        str | None,
        Flag(
            "Start of the comparison: 24h, 7d, 2026-11-24, 2026-11-24T12:00",
            metavar="AGE|TIME",
            shown_default="24h, or longer if the last run left gaps",
        ),
    ] = None
    grace: Annotated[
        str, Flag("Events more recent than this are pending, not missed", metavar="DURATION")
    ] = "10m"
    as_if_active: Annotated[
        bool, Flag("Also count events from times when the hook was inactive or unverified")
    ] = False
    fix: Annotated[
        bool, Flag("Create deliveries for missed events, and send them to the receiver")
    ] = False
    watch: Annotated[bool, Flag("Repeat until Ctrl-C")] = False
    every: Annotated[
        str | None, Flag("With --watch: time between runs", metavar="DURATION", shown_default="1m")
    ] = None


@command(
    *("org", "hook", "since", "fix", "watch", "every"),
    Panel("What counts as missed", ("grace", "as_if_active")),
    SECRET,
    STORE,
)
def reconcile(ctx: Context, flags: ReconcileFlags) -> None:
    """Compare the org's System Log with the store.

    okhook reconcile --org dev-123.okta.com     # the last 24 hours
    okhook reconcile --since 7d --fix           # and store what was missed
    okhook reconcile --watch --fix --every 30s  # keep the store complete

    Lists the events that the hook should have delivered and did not, and why. Exits with code 1
    if events were missed.
    """
    from okhook.cli.reconcile.run import reconcile_and_show

    reconcile_and_show(ctx, flags)
