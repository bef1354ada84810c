"""Run ``okhook tunnel``."""

import re
from collections.abc import Sequence

import anyio

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.tunnel.view import UrlRenderer, render_tunnel
from okhook.runtime.hub import ActivityHub
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.tunnel.activities import TunnelStopped
from okhook.tunnel.hookdeck.program import TunnelConfig
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel
from okhook.tunnel.past import Orphan, find_orphans

_SOURCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,154}")


def tunnel_and_show(
    ctx: Context, hookdeck_arguments: Sequence[str], *, end_orphan: bool, url_alone: bool
) -> None:
    """Keep a tunnel up and show its activities until a signal."""
    port = ctx.settings.port
    if port.value == 0:
        raise port.must_be("a whole number from 1 to 65535")
    config = tunnel_config(ctx, port.value, hookdeck_arguments)
    orphans = orphans_to_end(ctx, end_orphan=end_orphan)
    render = UrlRenderer(ctx.console) if url_alone else render_tunnel
    hub = ActivityHub()
    tunnels: list[RunningTunnel] = []

    def stopped() -> Activity:
        return TunnelStopped(tunnels[0].exit_code if tunnels else None)

    async def run(shutdown: Shutdown) -> None:
        async with (
            on_screen(ctx.console, render, None, hub, last_words=stopped),
            running_tunnel(
                config,
                environ=ctx.environ,
                publish=hub.publish,
                run_directory=ctx.run_directory,
                before_hard_exit=shutdown.before_hard_exit,
                may_end_orphan=orphans.__contains__,
            ) as tunnel,
        ):
            shutdown.done.set()
            tunnels.append(tunnel)
            ctx.console.note("press Ctrl-C to stop")
            await anyio.sleep_forever()

    run_until_done(run, interrupted="interrupted before the tunnel was ready")


def tunnel_config(ctx: Context, port: int, hookdeck_arguments: Sequence[str] = ()) -> TunnelConfig:
    """Return the configuration of a tunnel to ``port``."""
    settings = ctx.settings
    source = settings.source
    if not _SOURCE.fullmatch(source.value):
        raise source.must_be("a name of letters, digits, dots, hyphens and underscores")
    return TunnelConfig(
        port=port,
        path=settings.path.value,
        source=source.value,
        timeout_s=settings.timeout.value,
        hookdeck=settings.hookdeck,
        extra=tuple(hookdeck_arguments),
    )


def orphans_to_end(ctx: Context, *, end_orphan: bool) -> list[Orphan]:
    """Return the orphans to end: all with ``end_orphan``, else those that the user confirms."""
    return [
        orphan
        for orphan in find_orphans(ctx.run_directory)
        if end_orphan
        or ctx.console.confirm(
            f"the Hookdeck of a killed okhook still listens (source {orphan.source}, port"
            f" {orphan.port}, process group {orphan.pgid}); end it?"
        )
    ]
