"""All of it, in order: receiver, org, route, proof, hook; and back in the opposite order."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import final

import anyio

from okhook.activity import Activity, DeliveryStored
from okhook.errors import OkhookError
from okhook.http import HttpClient
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.registration import Registration
from okhook.okta.remembered import RememberedHooks
from okhook.receiver.inbox import Keeper
from okhook.receiver.running import RunningReceiver, running_receiver
from okhook.runtime.hub import ActivityHub, Subscription
from okhook.runtime.run_files import RunDirectory
from okhook.tunnel.activities import TunnelReady
from okhook.tunnel.claim import MayEnd
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.running import BeforeHardExit, RunningTunnel, running_tunnel
from okhook.up.activities import PathLost, Ready, TunnelCameBack
from okhook.up.config import PublicUrl, UpConfig
from okhook.up.hook_run import HookRun, hook_run
from okhook.up.orgs import OpenOrg, OrgInUse
from okhook.up.path_proof import PathProof
from okhook.up.sandbox_user import create_test_user
from okhook.up.sleep_watch import SleepWatch
from okhook.up.steps import Steps

_LOOK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class UpParts:
    """What the run works with: all that has a life of its own is opened by the caller."""

    store: Keeper
    hub: ActivityHub
    http: HttpClient
    state: Path
    run_directory: RunDirectory
    environ: Mapping[str, str]
    before_hard_exit: BeforeHardExit
    may_end_orphan: MayEnd
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Route:
    """The way in: a URL that stays as it is, or a tunnel, whose URL may change."""

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


@final
class Up:
    """One run of ``okhook up``. ``open_org`` gives the org for the length of the run."""

    def __init__(
        self,
        config: UpConfig,
        parts: UpParts,
        open_org: OpenOrg,
    ) -> None:
        self._config = config
        self._parts = parts
        self._open_org = open_org
        self._publish = parts.hub.publish
        self._steps = Steps(parts.hub.publish)

    async def run(self) -> None:
        """Bring everything up and stay until cancelled, or with ``once`` until the first event.

        Raises:
            OkhookError: a part cannot come up, or can no longer work. What is up by then is taken
                down in order first.

        """
        parts = self._parts
        async with AsyncExitStack() as held:
            arrivals = held.enter_context(parts.hub.subscribe())
            receiver = await held.enter_async_context(self._receiver())
            in_use = await held.enter_async_context(self._open_org(self._steps))
            route = await held.enter_async_context(self._route(receiver))
            proof = PathProof(parts.http, parts.hub, self._config.registration.auth, now=parts.now)
            await self._prove(proof, route.webhook_url)
            client = OktaClient(
                in_use.org,
                in_use.credential,
                parts.http,
                publish=self._publish,
                secrets=(self._config.registration.auth.secret,),
            )
            hook = await held.enter_async_context(self._hook(client, in_use))
            await self._register(hook, route)
            if in_use.is_sandbox:
                await self._create_test_user(client)
            await self._stay(arrivals, proof, hook, route)

    @asynccontextmanager
    async def _receiver(self) -> AsyncIterator[RunningReceiver]:
        parts = self._parts
        async with AsyncExitStack() as held:
            async with self._steps.step("receiver") as step:
                receiver = await held.enter_async_context(
                    running_receiver(
                        self._config.receiver,
                        store=parts.store,
                        publish=self._publish,
                        now=parts.now,
                        run_directory=parts.run_directory,
                    )
                )
                step.detail = receiver.url
            yield receiver

    @asynccontextmanager
    async def _route(self, receiver: RunningReceiver) -> AsyncIterator[_Route]:
        wanted = self._config.route
        if isinstance(wanted, PublicUrl):
            yield _Route(receiver.url, wanted.url)
        elif isinstance(wanted, TunnelConfig):
            async with self._tunnel(wanted, receiver) as route:
                yield route
        else:
            yield _Route(receiver.url, receiver.url)

    @asynccontextmanager
    async def _tunnel(
        self, config: TunnelConfig, receiver: RunningReceiver
    ) -> AsyncIterator[_Route]:
        parts = self._parts
        came_up = False

        def publish(activity: Activity) -> None:
            if not isinstance(activity, TunnelReady):
                self._publish(activity)
            elif came_up:
                self._publish(TunnelCameBack(activity.webhook_url))

        async with AsyncExitStack() as held:
            async with self._steps.step("tunnel") as step:
                tunnel = await held.enter_async_context(
                    running_tunnel(
                        replace(config, port=receiver.port),
                        environ=parts.environ,
                        publish=publish,
                        run_directory=parts.run_directory,
                        before_hard_exit=parts.before_hard_exit,
                        may_end_orphan=parts.may_end_orphan,
                    )
                )
                step.detail = tunnel.ready.webhook_url
            came_up = True
            yield _Route(receiver.url, tunnel.ready.webhook_url, tunnel)

    @asynccontextmanager
    async def _hook(self, client: OktaClient, in_use: OrgInUse) -> AsyncIterator[HookRun]:
        parts = self._parts
        registration = Registration(
            EventHooksApi(client), RememberedHooks(parts.state), publish=self._publish
        )
        async with hook_run(
            in_use.org,
            self._config.registration,
            registration,
            parts.http,
            run_directory=parts.run_directory,
            keep=self._config.keep,
            wait_s=self._config.wait_s,
            steps=self._steps,
            publish=self._publish,
        ) as run:
            yield run

    async def _prove(self, proof: PathProof, webhook_url: str) -> None:
        async with self._steps.step("path") as step:
            proved = await proof.prove(webhook_url, timeout_s=self._config.path_timeout_s)
            step.detail = f"a canary came through in {proved.elapsed_s * 1000:.0f} ms"

    async def _register(self, hook: HookRun, route: _Route) -> None:
        async with self._steps.step("hook") as step:
            registered = await hook.register(route.webhook_url)
            step.detail = f"{registered.hook.id} {registered.action} and verified"
        self._publish(
            Ready(
                org=hook.org.url,
                hook_id=registered.hook.id,
                webhook_url=route.webhook_url,
                receiver_url=route.receiver_url,
                dashboard_url=route.dashboard_url,
            )
        )

    async def _create_test_user(self, client: OktaClient) -> None:
        async with self._steps.step("test user") as step:
            step.detail = await create_test_user(client)

    async def _stay(
        self, arrivals: Subscription, proof: PathProof, hook: HookRun, route: _Route
    ) -> None:
        """Watch what arrives, and prove the path again when it may have been lost."""
        sleep_watch = SleepWatch(wall=time.time, monotonic=time.monotonic)
        while True:
            batch: list[Activity] = []
            with anyio.move_on_after(_LOOK_EVERY_S):
                batch = await arrivals.batch()
            if self._config.once and any(isinstance(seen, DeliveryStored) for seen in batch):
                return
            came_back = any(isinstance(seen, TunnelCameBack) for seen in batch)
            if route.tunnel is not None and (came_back or sleep_watch.slept()):
                await self._prove_again(proof, hook, route, route.tunnel)

    async def _prove_again(
        self, proof: PathProof, hook: HookRun, route: _Route, tunnel: RunningTunnel
    ) -> None:
        """Prove the path after a restart or a sleep; where it is lost, start the tunnel afresh."""
        try:
            await self._prove(proof, route.webhook_url)
            if hook.url != route.webhook_url:
                await self._register(hook, route)
        except OkhookError as error:
            self._publish(PathLost(error.what))
            tunnel.restart(error.what)
