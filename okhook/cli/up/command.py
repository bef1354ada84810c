"""``okhook up``: all of it in one command."""

from dataclasses import dataclass

from okhook.cli.command import Panel, command, flag, option, switch
from okhook.cli.context import Context
from okhook.cli.options import SECRET
from okhook.cli.register.command import EVENTS_KEPT, HookFlags
from okhook.cli.serve.command import FORWARDING, INSPECTOR, ServeFlags
from okhook.cli.tunnel.command import TUNNEL, hookdeck_argument


@dataclass(frozen=True)
class UpFlags(ServeFlags, HookFlags):
    """The flags of ``up`` that are no settings."""

    hookdeck_arguments: list[str] | None = hookdeck_argument()
    sandbox: bool = switch("Start a sandbox org on this machine; needs no account and no network")
    once: bool = switch("Exit with code 0 after the first event")
    within: str | None = option(
        "With --once: exit with code 6 if it takes longer than this", metavar="DURATION"
    )
    detach: bool = switch(
        "Return when everything is ready, and keep running in the background; see `okhook status`"
    )
    keep: bool = switch("Keep the hook active after okhook ends")
    catch_up: bool | None = option(
        "Fetch, or do not fetch, events that were missed since the last run",
        name="--catch-up/--no-catch-up",
        shown_default="ask",
    )
    tunnel: bool = switch("Use a tunnel even if the org runs on this machine")


@command(
    "sandbox org forward_to",
    flag("event", shown_default=EVENTS_KEPT),
    "port once catch_up verbose",
    Panel("Scripts", "detach within"),
    FORWARDING,
    Panel("Hook", "name keep description header filter_ hook_id wait"),
    Panel("Tunnel", "public_url tunnel prove_every", TUNNEL),
    Panel("Receiver", "host path receiver store"),
    INSPECTOR,
    SECRET,
    Panel("Operation", "admin"),
    Panel(
        "Sandbox",
        flag("sandbox_port", shown_default="any free port"),
        "sandbox_batch_window sandbox_delay sandbox_data",
    ),
)
def up(ctx: Context, flags: UpFlags) -> None:
    """Start receiver, tunnel and hook, and show every event.

    okhook up --sandbox               # no account, no network
    okhook up --org dev-123.okta.com  # a real org, through Hookdeck
    okhook up --sandbox --forward-to http://localhost:3000/hook
    """
    if flags.detach:
        from okhook.cli.up.detached import detach

        detach(ctx, flags)
        return
    from okhook.cli.up.run import run_and_show

    run_and_show(ctx, flags)
