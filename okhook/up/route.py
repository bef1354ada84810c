"""The way in: from the URL that Okta calls to the receiver."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import final

from okhook.activity import Activity
from okhook.runtime.runs import ReceiverRun
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel
from okhook.up.activities import TunnelCameBack
from okhook.up.config import UpConfig, UpParts
from okhook.up.steps import Steps


@final
@dataclass(frozen=True, slots=True)
class Route:
    """A URL that stays as it is, or a tunnel, whose URL may change."""

    receiver_url: str
    fixed_url: str
    tunnel: RunningTunnel | None = None

    @property
    def webhook_url(self) -> str:
        """What Okta calls, as it stands."""
        return self.fixed_url if self.tunnel is None else self.tunnel.ready.webhook_url

    @property
    def dashboard_url(self) -> str | None:
        """Hookdeck's page about it, where there is one."""
        return None if self.tunnel is None else self.tunnel.ready.dashboard_url

    @property
    def guest(self) -> bool:
        """Whether the webhook URL is a guest's, and temporary."""
        return self.tunnel is not None and self.tunnel.ready.guest


async def open_route(
    config: UpConfig,
    parts: UpParts,
    receiver: ReceiverRun,
    held: AsyncExitStack,
    steps: Steps,
) -> Route:
    """Open the way in, until ``held`` closes.

    Raises:
        TunnelFailed: there is no tunnel to be had, or, out of the block, it cannot heal.
    """
    if config.tunnel is None:
        return Route(receiver.url, config.public_url or receiver.url)
    tunnel = running_tunnel(
        replace(config.tunnel, port=receiver.port),
        environ=parts.environ,
        publish=_TunnelNews(parts.hub.publish),
        run_directory=parts.run_directory,
        before_hard_exit=parts.shutdown.before_hard_exit,
        may_end_orphan=parts.may_end_orphan,
    )
    running = await steps.start("tunnel", tunnel, held, lambda it: it.ready.webhook_url)
    return Route(receiver.url, running.ready.webhook_url, running)


@final
class _TunnelNews:
    """Passes on what the tunnel publishes.

    That it is ready counts only once its path is proved; that it is ready again is news at once.
    """

    def __init__(self, publish: Callable[[Activity], None]) -> None:
        self._publish = publish
        self._came_up = False

    def __call__(self, activity: Activity) -> None:
        if not isinstance(activity, TunnelReady):
            self._publish(activity)
        elif self._came_up:
            self._publish(TunnelCameBack(activity.webhook_url))
        else:
            self._came_up = True
