"""Prove the path, keep the hook on it, and prove it again when it may have been lost."""

import time
from collections.abc import Callable
from typing import final

import anyio

from okhook.activity import Published, StoreGrew
from okhook.errors import OkhookError
from okhook.okta.activities import Registered
from okhook.runtime.hub import Subscription
from okhook.secret import Secret
from okhook.up.activities import PathLost, Ready, TunnelCameBack
from okhook.up.arrivals import Arrivals
from okhook.up.config import UpConfig, UpParts
from okhook.up.hook_run import HookRun
from okhook.up.path_proof import prove_path
from okhook.up.route import Route
from okhook.up.steps import Steps

_LOOK_EVERY_S = 5.0

_STORED_S = 1.0
"""How long "ready" waits for the store, where it has trouble with what it received."""

SLEPT_S = 20.0
"""How far the wall clock must jump beside the one that stands still in sleep; NTP moves less."""


@final
class PathWatch:
    """Proves the path from the webhook URL to the store, for as long as the run lasts."""

    def __init__(
        self,
        config: UpConfig,
        parts: UpParts,
        steps: Steps,
        route: Route,
        arrivals: Arrivals,
        *,
        sandbox_token: Secret | None,
    ) -> None:
        self._config = config
        self._parts = parts
        self._publish = parts.hub.publish
        self._steps = steps
        self._route = route
        self._arrivals = arrivals
        self._sandbox_token = sandbox_token

    async def prove(self) -> None:
        """Send a canary through the webhook URL, and wait for it in the store."""
        async with self._steps.step("path") as step:
            took_s = await prove_path(
                self._route.webhook_url,
                self._parts.http,
                self._arrivals,
                self._config.hook.auth,
                timeout_s=self._config.path_timeout_s,
                now=self._parts.now,
            )
            step.detail = f"a canary came through in {took_s * 1000:.0f} ms"

    async def register(self, hook: HookRun) -> Registered:
        """Have the hook registered and verified at the webhook URL, and say that all is ready."""
        async with self._steps.step("hook") as step:
            registered = await hook.register(self._route.webhook_url)
            # The org's challenge is shown before "ready": its record is published only when its
            # duplicates are known, which comes after its answer.
            with anyio.move_on_after(_STORED_S):
                self._publish(StoreGrew(await self._parts.store.settled()))
            step.detail = f"{registered.hook.id} {registered.action} and verified"
        self._publish(
            Ready(
                org=hook.org.url,
                hook_id=registered.hook.id,
                webhook_url=self._route.webhook_url,
                receiver_url=self._route.receiver_url,
                dashboard_url=self._route.dashboard_url,
                guest=self._route.guest,
                sandbox_token=self._sandbox_token,
            )
        )
        return registered

    async def stay(self, published: Subscription, hook: HookRun) -> None:
        """Watch what is published, and prove the path again after a restart or a sleep."""
        sleep_watch = SleepWatch(wall=time.time, monotonic=time.monotonic)
        while True:
            batch: list[Published] = []
            with anyio.move_on_after(_LOOK_EVERY_S):
                batch = await published.batch()
            came_back = any(isinstance(seen, TunnelCameBack) for seen in batch)
            if came_back or sleep_watch.slept():
                await self._prove_again(hook)

    async def _prove_again(self, hook: HookRun) -> None:
        """Prove the path and bring the hook to it; where it is lost, start the tunnel afresh."""
        try:
            await self.prove()
            if hook.url != self._route.webhook_url:
                await self.register(hook)
        except OkhookError as error:
            self._publish(PathLost(error.what))
            if self._route.tunnel is not None:
                self._route.tunnel.restart(error.what)


@final
class SleepWatch:
    """Notices that the machine slept: connections made before look alive, and carry nothing.

    It compares a wall clock with a monotonic one, both in seconds.
    """

    def __init__(self, *, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._apart_s = wall() - monotonic()

    def slept(self) -> bool:
        """Tell whether the machine slept since the last call."""
        apart_s = self._wall() - self._monotonic()
        jumped_s, self._apart_s = apart_s - self._apart_s, apart_s
        return jumped_s > SLEPT_S
