"""The way in: from the URL that Okta calls to the receiver."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from okhook.activity import Activity
from okhook.receiver.running import RunningReceiver
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel
from okhook.up.activities import TunnelCameBack
from okhook.up.config import PublicUrl, Route
from okhook.up.parts import UpParts
from okhook.up.steps import Steps


@dataclass(frozen=True, slots=True)
class OpenRoute:
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


@asynccontextmanager
async def open_route(
    wanted: Route, receiver: RunningReceiver, parts: UpParts, steps: Steps
) -> AsyncIterator[OpenRoute]:
    """Open the way in for as long as the block lasts.

    Raises:
        TunnelFailed: there is no tunnel to be had, or, out of the block, it cannot heal.

    """
    if isinstance(wanted, TunnelConfig):
        async with _tunnel(replace(wanted, port=receiver.port), receiver, parts, steps) as route:
            yield route
    elif isinstance(wanted, PublicUrl):
        yield OpenRoute(receiver.url, wanted.url)
    else:
        yield OpenRoute(receiver.url, receiver.url)


@asynccontextmanager
async def _tunnel(
    config: TunnelConfig, receiver: RunningReceiver, parts: UpParts, steps: Steps
) -> AsyncIterator[OpenRoute]:
    came_up = False

    def publish(activity: Activity) -> None:
        """Pass on what the tunnel tells; that it is ready counts once its path is proved."""
        if not isinstance(activity, TunnelReady):
            parts.hub.publish(activity)
        elif came_up:
            parts.hub.publish(TunnelCameBack(activity.webhook_url))

    async with AsyncExitStack() as held:
        async with steps.step("tunnel") as step:
            tunnel = await held.enter_async_context(
                running_tunnel(
                    config,
                    environ=parts.environ,
                    publish=publish,
                    run_directory=parts.run_directory,
                    before_hard_exit=parts.before_hard_exit,
                    may_end_orphan=parts.may_end_orphan,
                )
            )
            step.detail = tunnel.ready.webhook_url
        came_up = True
        yield OpenRoute(receiver.url, tunnel.ready.webhook_url, tunnel)
