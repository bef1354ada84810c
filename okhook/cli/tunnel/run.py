"""Run ``okhook tunnel``: settings become a configuration, and the tunnel is shown."""

import re
from collections.abc import Sequence

import anyio

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.views.lines import Renderer
from okhook.runtime.hub import ActivityHub
from okhook.runtime.shutdown import Shutdown
from okhook.tunnel.activities import TunnelReady, TunnelStopped
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel
from okhook.tunnel.orphans import Orphan, find_orphans

_SOURCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,154}")


def port_of_receiver(ctx: Context) -> int:
    """Return the port that the tunnel forwards to, which cannot be 0."""
    port = ctx.settings.port
    if port.value == 0:
        raise port.must_be("a whole number from 1 to 65535")
    return port.value


def tunnel_config(ctx: Context, port: int, hookdeck_arguments: Sequence[str] = ()) -> TunnelConfig:
    """Return the configuration of a tunnel to ``port`` from the settings."""
    settings = ctx.settings
    source = settings.source
    if not _SOURCE.fullmatch(source.value):
        raise source.fault(
            f"{source.origin} must be the name of one Hookdeck source",
            next_step="write it with letters, digits, dots, hyphens and underscores",
        )
    hookdeck = settings.hookdeck
    return TunnelConfig(
        port=port,
        path=settings.path.value,
        source=source.value,
        timeout_s=settings.timeout.value,
        hookdeck=None if hookdeck is None else hookdeck.value,
        hookdeck_origin="" if hookdeck is None else hookdeck.origin,
        extra=tuple(hookdeck_arguments),
    )


def orphans_to_end(ctx: Context, *, end_orphan: bool) -> list[Orphan]:
    """Return the orphans to end: all with ``end_orphan``, else those that a person agrees to."""
    return [
        orphan
        for orphan in find_orphans(ctx.run_directory)
        if end_orphan
        or ctx.console.confirm(
            f"an okhook that was killed left a Hookdeck listening to source {orphan.source} for"
            f" port {orphan.port} (process group {orphan.pgid}); end it?"
        )
    ]


async def tunnel_and_show(
    ctx: Context,
    config: TunnelConfig,
    shutdown: Shutdown,
    *,
    render: Renderer,
    orphans: Sequence[Orphan],
) -> None:
    """Keep the tunnel up and show what happens to it, until this is cancelled.

    ``shutdown.done`` is set once the tunnel is ready.

    Raises:
        TunnelFailed: the tunnel cannot work. It comes in an ``ExceptionGroup``.

    """
    hub = ActivityHub()
    tunnels: list[RunningTunnel] = []

    def publish(activity: Activity) -> None:
        if isinstance(activity, TunnelReady):
            shutdown.done.set()
        hub.publish(activity)

    def last_words() -> Activity:
        return TunnelStopped(tunnels[0].exit_code if tunnels else None)

    async with (
        on_screen(ctx.console, render, None, hub, last_words=last_words),
        running_tunnel(
            config,
            environ=ctx.environ,
            publish=publish,
            run_directory=ctx.run_directory,
            before_hard_exit=shutdown.before_hard_exit,
            may_end_orphan=orphans.__contains__,
        ) as tunnel,
    ):
        tunnels.append(tunnel)
        ctx.console.note("Ctrl-C ends it")
        await anyio.sleep_forever()
