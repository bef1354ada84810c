"""``okhook reconcile``: find the events that the hook missed, and deliver them."""

from dataclasses import dataclass

from okhook.cli.command import Panel, command, option, switch
from okhook.cli.context import Context
from okhook.cli.options import SECRET, STORE, hook_option


@dataclass(frozen=True, slots=True)
class ReconcileFlags:
    """The flags of ``reconcile`` that are no settings."""

    hook: str | None = hook_option()
    since: str | None = option(
        "Start of the comparison: 24h, 7d, 2026-11-24, 2026-11-24T12:00",
        metavar="AGE|TIME",
        shown_default="24h, or longer if the last run left gaps",
    )
    grace: str = option(
        "Events more recent than this are pending, not missed", metavar="DURATION", default="10m"
    )
    as_if_active: bool = switch(
        "Also count events from times when the hook was inactive or unverified"
    )
    fix: bool = switch("Create deliveries for missed events, and send them to the receiver")
    watch: bool = switch("Repeat until Ctrl-C")
    every: str | None = option(
        "With --watch: time between runs", metavar="DURATION", shown_default="1m"
    )


@command(
    "org hook since fix watch every",
    Panel("What counts as missed", "grace as_if_active"),
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
