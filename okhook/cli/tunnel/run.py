"""Run ``okhook tunnel`` and show its activities."""

import re
from collections.abc import Sequence

import anyio

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.prompts import agree_to_hookdeck_config
from okhook.cli.tunnel.view import UrlRenderer, render_tunnel
from okhook.config.paths import working_directory
from okhook.runtime.hub import ActivityHub
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.tunnel.activities import TunnelReady, TunnelStopped
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.login import projects_config
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel

_SOURCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,154}")


def tunnel_and_show(ctx: Context, hookdeck_arguments: Sequence[str], *, url_alone: bool) -> None:
    """Keep a tunnel up and show its activities until a signal."""
    port = ctx.settings.port
    if port.value == 0:
        raise port.must_be("a whole number from 1 to 65535")
    config = tunnel_config(ctx, port.value, hookdeck_arguments)
    render = UrlRenderer(ctx.console) if url_alone else render_tunnel
    hub = ActivityHub()
    tunnels: list[RunningTunnel] = []

    def stopped() -> Activity:
        return TunnelStopped(tunnels[0].exit_code if tunnels else None)

    async def run(shutdown: Shutdown) -> None:
        def publish(activity: Activity) -> None:
            if isinstance(activity, TunnelReady):
                shutdown.done.set()  # who sees the URL may press Ctrl-C
            hub.publish(activity)

        async with (
            on_screen(ctx.console, render, None, hub, last_activity=stopped),
            running_tunnel(
                config,
                environ=ctx.environ,
                publish=publish,
                run_directory=ctx.run_directory,
                before_hard_exit=shutdown.before_hard_exit,
                begun=tunnels.append,
            ),
        ):
            ctx.console.note("press Ctrl-C to stop")
            await anyio.sleep_forever()

    run_until_done(run, interrupted="interrupted before the tunnel was ready")


def tunnel_config(ctx: Context, port: int, hookdeck_arguments: Sequence[str]) -> HookdeckConfig:
    """Return the configuration of a tunnel to ``port``."""
    settings = ctx.settings
    source = settings.source
    if not _SOURCE.fullmatch(source.value):
        raise source.must_be("a name of letters, digits, dots, hyphens and underscores")
    named = {argument.partition("=")[0] for argument in hookdeck_arguments}
    in_project = projects_config(ctx.environ, working_directory())
    if in_project is not None and not named & {"--hookdeck-config", "--config"}:
        agree_to_hookdeck_config(ctx, in_project)
    return HookdeckConfig(
        port=port,
        path=settings.path.value,
        source=source.value,
        timeout_s=settings.timeout.value,
        hookdeck=settings.hookdeck,
        extra=tuple(hookdeck_arguments),
    )
