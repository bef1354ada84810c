"""``okhook up``: all of it in one command."""

from dataclasses import dataclass
from typing import Annotated

from okhook.cli.command import command, flag
from okhook.cli.context import Context
from okhook.cli.options import (
    FORWARD,
    HOOK,
    RECEIVER,
    SECRET,
    TUNNEL,
    EndOrphanOption,
    ForwardFlags,
    HookdeckArguments,
    HookFlags,
    VerboseOption,
)
from okhook.config.setting import Flag


@dataclass(frozen=True)
class UpFlags(ForwardFlags, HookFlags):
    """The flags of ``up`` that are no settings."""

    hookdeck_arguments: HookdeckArguments = None
    sandbox: Annotated[
        bool, Flag("Start a sandbox org on this machine: no account, no network.")
    ] = False
    once: Annotated[bool, Flag("End with success after the first event.")] = False
    keep: Annotated[bool, Flag("Leave the hook active at the end.")] = False
    catch_up: Annotated[
        bool | None,
        Flag(
            "Fetch what happened since the last run, from the org's System Log.",
            name="--catch-up/--no-catch-up",
            shown_default="ask, where there is somebody to ask",
        ),
    ] = None
    tunnel: Annotated[bool, Flag("Go through a tunnel with --sandbox too.", panel="Tunnel")] = False
    end_orphan: EndOrphanOption = False
    verbose: VerboseOption = False


@command(
    *("org", "sandbox", "once", "keep", "catch_up"),
    *RECEIVER,
    "verbose",
    *FORWARD,
    *("public_url", "tunnel"),
    *TUNNEL,
    *HOOK,
    "wait",
    flag("sandbox_port", shown_default="any that is free"),
    *("sandbox_batch_window", "sandbox_delay", "sandbox_data"),
    *SECRET,
)
def up(ctx: Context, flags: UpFlags) -> None:
    """Receiver, tunnel, hook and its verification in one: every event of the org on screen."""
    from okhook.cli.up.catch_up import catch_up_since
    from okhook.cli.up.run import bring_up_and_show
    from okhook.runtime.shutdown import run_until_done

    since = catch_up_since(
        ctx, catch_up=flags.catch_up, sandbox=flags.sandbox, hook_id=flags.hook_id
    )
    awaited = "the event came" if flags.once else "Ready"
    run_until_done(
        lambda shutdown: bring_up_and_show(ctx, flags, since, shutdown),
        interrupted=f"interrupted before {awaited}",
    )
