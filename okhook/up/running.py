"""All of it, in order: receiver, org, route, proof, hook; and back in the opposite order."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import final

import anyio

from okhook.activity import Published, StoreGrew
from okhook.config.paths import uptime_directory
from okhook.errors import OkhookError
from okhook.forward.running import forwarding
from okhook.okta.activities import Registered
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.registration import Registration
from okhook.okta.remembered import RememberedHooks
from okhook.receiver.running import RunningReceiver, running_receiver
from okhook.records.record import Record, RecordKind
from okhook.runtime.hub import Subscription
from okhook.runtime.uptime import Uptime
from okhook.up.activities import EventsAwaited, PathLost, Ready, TunnelCameBack
from okhook.up.arrivals import Arrivals
from okhook.up.catch_up import catch_up
from okhook.up.config import UpConfig
from okhook.up.hook_run import HookRun, hook_run
from okhook.up.orgs import OpenOrg, OrgInUse
from okhook.up.parts import UpParts
from okhook.up.path_proof import prove_path
from okhook.up.route import OpenRoute, open_route
from okhook.up.sandbox_user import TEST_USER_MAKES, create_sandbox_user
from okhook.up.sleep_watch import SleepWatch
from okhook.up.steps import Steps

_LOOK_EVERY_S = 5.0

_KEPT_S = 1.0
"""How long "ready" waits for the store, where it has trouble with what it kept."""


async def run_up(config: UpConfig, parts: UpParts, open_org: OpenOrg, *, done: anyio.Event) -> None:
    """Bring everything up and stay until cancelled, or with ``once`` until the first event.

    ``done`` is set at what was asked for: when all is ready, or with ``once`` at that event.

    Raises:
        OkhookError: a part cannot come up, or can no longer work. What is up by then is taken
            down in order first.

    """
    steps = Steps(parts.hub.publish)
    async with AsyncExitStack() as held:
        published = held.enter_context(parts.hub.subscribe())
        arrivals = Arrivals(parts.store, parts.hub)
        began_after = await arrivals.last_seq()
        await held.enter_async_context(
            forwarding(
                config.forward,
                store=parts.store,
                auth=config.receiver.auth,
                publish=parts.hub.publish,
                now=parts.now,
            )
        )
        receiver = await held.enter_async_context(_receiver(config, parts, steps))
        in_use = await held.enter_async_context(open_org(steps))
        route = await held.enter_async_context(open_route(config.route, receiver, parts, steps))
        client = _client(config, parts, in_use)
        watch = _Watch(config, parts, steps, route, in_use, arrivals)
        await watch.prove()
        hook = await held.enter_async_context(_hook(config, parts, steps, client, in_use))
        registered = await watch.register(hook)
        if not config.once:
            done.set()
        await held.enter_async_context(Uptime(uptime_directory(parts.state), now=parts.now).kept())
        if in_use.sandbox_token is not None:
            async with steps.step("test user") as step:
                step.detail = await create_sandbox_user(client)
            events = dict.fromkeys(config.registration.events)
            if awaited := tuple(each for each in events if each not in TEST_USER_MAKES):
                parts.hub.publish(EventsAwaited(awaited))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch.stay, published, hook)
            if config.catch_up_since is not None:
                await catch_up(
                    config.catch_up_since,
                    client=client,
                    hook=registered.hook,
                    receiver_url=receiver.url,
                    auth=config.registration.auth,
                    parts=parts,
                    steps=steps,
                )
            if config.once:
                await arrivals.first(began_after, _is_of_the_org)
                done.set()
                tasks.cancel_scope.cancel()


def _is_of_the_org(record: Record) -> bool:
    return record.kind is RecordKind.DELIVERY and not record.is_reconstructed


@asynccontextmanager
async def _receiver(
    config: UpConfig, parts: UpParts, steps: Steps
) -> AsyncIterator[RunningReceiver]:
    async with AsyncExitStack() as held:
        async with steps.step("receiver") as step:
            receiver = await held.enter_async_context(
                running_receiver(
                    config.receiver,
                    append=parts.store.append,
                    publish=parts.hub.publish,
                    now=parts.now,
                    run_directory=parts.run_directory,
                )
            )
            step.detail = receiver.url
        yield receiver


def _client(config: UpConfig, parts: UpParts, in_use: OrgInUse) -> OktaClient:
    return OktaClient(
        in_use.org,
        in_use.credential,
        parts.http,
        publish=parts.hub.publish,
        secrets=(config.registration.auth.secret,),
    )


@asynccontextmanager
async def _hook(
    config: UpConfig, parts: UpParts, steps: Steps, client: OktaClient, in_use: OrgInUse
) -> AsyncIterator[HookRun]:
    publish = parts.hub.publish
    registration = Registration(
        EventHooksApi(client), RememberedHooks(parts.state), publish=publish
    )
    async with hook_run(
        in_use.org,
        config.registration,
        registration,
        parts.http,
        run_directory=parts.run_directory,
        keep=config.keep,
        wait_s=config.wait_s,
        steps=steps,
        publish=publish,
    ) as run:
        yield run


@final
class _Watch:
    """Proves the path and keeps the hook on it, for as long as the run lasts."""

    def __init__(
        self,
        config: UpConfig,
        parts: UpParts,
        steps: Steps,
        route: OpenRoute,
        in_use: OrgInUse,
        arrivals: Arrivals,
    ) -> None:
        self._config = config
        self._publish = parts.hub.publish
        self._store = parts.store
        self._steps = steps
        self._route = route
        self._in_use = in_use
        self._parts = parts
        self._arrivals = arrivals

    async def prove(self) -> None:
        """Send a canary through the webhook URL, and wait for it in the store."""
        async with self._steps.step("path") as step:
            took_s = await prove_path(
                self._route.webhook_url,
                self._parts.http,
                self._arrivals,
                self._config.registration.auth,
                timeout_s=self._config.path_timeout_s,
                now=self._parts.now,
            )
            step.detail = f"a canary came through in {took_s * 1000:.0f} ms"

    async def register(self, hook: HookRun) -> Registered:
        """Have the hook registered and verified at the webhook URL, and say that all is ready."""
        async with self._steps.step("hook") as step:
            registered = await hook.register(self._route.webhook_url)
            await self._tell_of_all_that_was_kept()
            step.detail = f"{registered.hook.id} {registered.action} and verified"
        self._publish(
            Ready(
                org=self._in_use.org.url,
                hook_id=registered.hook.id,
                webhook_url=self._route.webhook_url,
                receiver_url=self._route.receiver_url,
                dashboard_url=self._route.dashboard_url,
                guest=self._route.guest,
                sandbox_token=self._in_use.sandbox_token,
            )
        )
        return registered

    async def _tell_of_all_that_was_kept(self) -> None:
        """Have the org's challenge shown before it is said that all is ready.

        A record is told of only when its duplicates are known, which comes after its answer.
        """
        with anyio.move_on_after(_KEPT_S):
            self._publish(StoreGrew(await self._store.settled()))

    async def stay(self, published: Subscription, hook: HookRun) -> None:
        """Watch what arrives, and prove the path again when it may have been lost."""
        sleep_watch = SleepWatch(wall=time.time, monotonic=time.monotonic)
        while True:
            batch: list[Published] = []
            with anyio.move_on_after(_LOOK_EVERY_S):
                batch = await published.batch()
            came_back = any(isinstance(seen, TunnelCameBack) for seen in batch)
            if came_back or sleep_watch.slept():
                await self._prove_again(hook)

    async def _prove_again(self, hook: HookRun) -> None:
        """Prove the path after a restart or a sleep; where it is lost, start the tunnel afresh."""
        try:
            await self.prove()
            if hook.url != self._route.webhook_url:
                await self.register(hook)
        except OkhookError as error:
            self._publish(PathLost(error.what))
            if self._route.tunnel is not None:
                self._route.tunnel.restart(error.what)
