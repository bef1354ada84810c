"""Run a sandbox org and show it: what ``sandbox`` does, from settings to the last line."""

from pathlib import Path

import anyio

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.sandbox.parse import injected_faults, service_apps
from okhook.cli.sandbox.view import render_sandbox
from okhook.runtime.hub import ActivityHub
from okhook.sandbox.activities import SandboxReady
from okhook.sandbox.dispatcher import Pace
from okhook.sandbox.rate_limit import RateLimit
from okhook.sandbox.running import (
    RunningSandbox,
    SandboxConfig,
    generated_token,
    running_sandbox,
)
from okhook.secret import Secret


def sandbox_config(ctx: Context, *, port: int) -> SandboxConfig:
    """Return the org's configuration from the settings. ``port`` 0 lets the system choose."""
    settings = ctx.settings
    data = settings.sandbox_data
    return SandboxConfig(
        token=_token(ctx),
        port=port,
        pace=Pace(settings.sandbox_batch_window.value, settings.sandbox_delay.value),
        rate_limit=RateLimit(settings.sandbox_rate_limit.value),
        data=None if data is None else Path(data.value).expanduser(),
        service_apps=service_apps(settings),
        faults=injected_faults(settings),
    )


async def run_and_show(ctx: Context, config: SandboxConfig) -> None:
    """Run the org and show what happens in it, until cancelled."""
    hub = ActivityHub()
    said_ready = anyio.Event()

    def publish(activity: Activity) -> None:
        """Show nothing before the line that says where the org is."""
        if said_ready.is_set():
            hub.publish(activity)

    async with (
        on_screen(ctx.console, render_sandbox, None, hub),
        running_sandbox(config, publish=publish, run_directory=ctx.run_directory) as org,
    ):
        said_ready.set()
        hub.publish(SandboxReady(org.url, org.token))
        _introduce(ctx, config, org)
        await anyio.sleep_forever()


def _introduce(ctx: Context, config: SandboxConfig, org: RunningSandbox) -> None:
    console = ctx.console
    for name in org.hooks_lacking_secret:
        console.warn(f"the secret of event hook {name!r} is not kept: register and verify it again")
    if config.data is None:
        console.note("the org lives as long as this command; --data FILE keeps it")
    console.note("Ctrl-C ends it")


def _token(ctx: Context) -> Secret:
    found = ctx.settings.sandbox_token
    if found is None:
        return generated_token()
    token = found.value.reveal()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise found.must_be("printable ASCII without blanks")
    if found.from_flag:
        ctx.console.warn(
            "--token can be read in the process list by others on this machine;"
            " OKHOOK_SANDBOX_TOKEN keeps it private"
        )
    return found.value
