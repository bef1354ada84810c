"""Open the tunnel of ``okhook up``."""

from contextlib import AsyncExitStack
from dataclasses import replace

from okhook.activity import Activity
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel
from okhook.up.activities import TunnelCameBack
from okhook.up.config import UpParts
from okhook.up.steps import start


async def open_tunnel(
    config: TunnelConfig, port: int, parts: UpParts, stack: AsyncExitStack
) -> RunningTunnel:
    """Run a tunnel to ``port`` until ``stack`` closes.

    Its first ``TunnelReady`` is not published: the path is not proved yet. Later ones are published
    as :class:`TunnelCameBack`.

    Raises:
        TunnelFailed: the tunnel cannot start or, raised by ``stack``, cannot recover.
    """
    came_up = False

    def publish(activity: Activity) -> None:
        nonlocal came_up
        if not isinstance(activity, TunnelReady):
            parts.hub.publish(activity)
        elif came_up:
            parts.hub.publish(TunnelCameBack(activity.webhook_url))
        else:
            came_up = True

    tunnel = running_tunnel(
        replace(config, port=port),
        environ=parts.environ,
        publish=publish,
        run_directory=parts.run_directory,
        before_hard_exit=parts.shutdown.before_hard_exit,
        may_end_orphan=parts.may_end_orphan,
    )
    return await start(
        "tunnel", tunnel, stack, parts.hub.publish, detail=lambda it: it.ready.webhook_url
    )
