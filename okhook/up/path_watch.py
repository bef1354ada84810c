"""Prove the path, register the hook, and repeat both when the path may have been lost.

A canary posted to the webhook URL must arrive in the local store. A verified hook proves less:
Hookdeck answers Okta's verification challenge in its cloud, so the tunnel, the path and the secret
may all be wrong.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, repeat

import anyio

from okhook.activity import Published, StoreGrew
from okhook.errors import OkhookError, TunnelFailed, Unavailable
from okhook.http.client import HttpClient
from okhook.okta.activities import Registered
from okhook.records.record import AuthOutcome, Record
from okhook.runtime.hub import ActivityHub, Subscription
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun
from okhook.secret import HookAuth, Secret
from okhook.store.contract import Store
from okhook.tunnel.hookdeck.running import RunningTunnel
from okhook.up.activities import PathLost, Ready, TunnelCameBack, step
from okhook.up.config import UpConfig, UpParts
from okhook.up.hook_run import HookRun
from okhook.wire.canary import new_canary
from okhook.wire.hook_call import CallAttempt

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The records of ``store``, as ``hub`` announces them."""

    store: Store
    hub: ActivityHub

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        return await self.store.last_seq()

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""
        with self.hub.subscribe() as published:
            while True:
                while records := await self.store.after(after_seq, _PAGE):
                    for record in records:
                        if wanted(record):
                            return record
                    after_seq = records[-1].seq
                if not await published.batch():
                    await anyio.sleep_forever()


async def prove_path(
    webhook_url: str,
    http: HttpClient,
    arrivals: Arrivals,
    auth: HookAuth | None,
    *,
    timeout_s: float,
) -> float:
    """Post canaries to ``webhook_url`` until one is in the store; return how long that one took.

    Raises:
        TunnelFailed: the URL accepted the canaries, but none arrived.
        Unavailable: the URL did not accept them.
    """
    canary = await new_canary(arrivals)
    last: CallAttempt | None = None
    with anyio.move_on_after(timeout_s):
        # Hookdeck drops a canary that it receives before its CLI listens.
        for within_s in chain((0.5, 1.0), repeat(2.0)):
            began = anyio.current_time()
            last = await canary.post(http, webhook_url, auth, now=utc_now())
            record = await canary.arrival(within_s)
            if record is None:
                continue
            if record.auth is AuthOutcome.DID_NOT_MATCH:
                break
            return anyio.current_time() - began
    raise _not_proved(webhook_url, last, timeout_s)


def _not_proved(url: str, last: CallAttempt | None, timeout_s: float) -> OkhookError:
    if last is None or last.answer is None:
        return Unavailable(
            f"could not reach the webhook URL {url}",
            why=last.error.reason if last and last.error else "no answer",
            next_step="check the tunnel, or the value of --public-url",
        )
    if not last.answer.is_success:
        return Unavailable(
            f"the webhook URL {url} does not accept deliveries",
            why=f"it answered a canary with HTTP {last.answer.status}",
            next_step="make sure that it leads to this receiver, with the same path and secret",
        )
    return TunnelFailed(
        f"a canary was accepted at {url}, but did not arrive here within {timeout_s:g} s",
        why="what the URL accepts does not reach this receiver",
        next_step="make sure that no other listener uses the same Hookdeck source,"
        " and check the source in Hookdeck's dashboard",
    )


_LOOK_EVERY_S = 5.0

_STORED_S = 1.0
"""How long "ready" waits for a store that has trouble."""

SLEPT_S = 20.0
"""How far the wall clock must jump ahead of the monotonic clock. NTP moves it less."""


@dataclass(frozen=True, slots=True)
class PathWatch:
    """Watches the path from the webhook URL to the store for as long as the run lasts."""

    config: UpConfig
    parts: UpParts
    receiver: ReceiverRun
    tunnel: RunningTunnel | None
    arrivals: Arrivals
    sandbox_token: Secret | None

    @property
    def webhook_url(self) -> str:
        """The URL that Okta calls. A restart of the tunnel may change it."""
        if self.tunnel is not None:
            return self.tunnel.ready.webhook_url
        return self.config.public_url or self.receiver.url

    async def prove(self) -> None:
        """Send a canary to the webhook URL, and wait for it in the store."""
        async with step("path", self.parts.hub.publish) as current:
            took_s = await prove_path(
                self.webhook_url,
                self.parts.http,
                self.arrivals,
                self.config.hook.auth,
                timeout_s=self.config.path_timeout_s,
            )
            current.detail = f"a canary arrived in {took_s * 1000:.0f} ms"

    async def register(self, hook: HookRun) -> Registered:
        """Register and verify the hook at the webhook URL, and publish that all is ready."""
        publish = self.parts.hub.publish
        async with step("hook", publish) as current:
            registered = await hook.register(self.webhook_url)
            # Show the challenge before "ready": its record is published after its answer.
            with anyio.move_on_after(_STORED_S):
                publish(StoreGrew(await self.parts.store.settled()))
            current.detail = f"{registered.hook.id} {registered.action} and verified"
        ready = None if self.tunnel is None else self.tunnel.ready
        publish(
            Ready(
                org=hook.org.url,
                hook_id=registered.hook.id,
                webhook_url=self.webhook_url,
                receiver_url=self.receiver.url,
                dashboard_url=ready.dashboard_url if ready else None,
                guest=ready is not None and ready.guest,
                forward_to=self.config.serve.forward.targets if self.config.serve.forward else (),
                event_types=registered.hook.events,
                sandbox_token=self.sandbox_token,
            )
        )
        return registered

    async def stay(self, published: Subscription, hook: HookRun) -> None:
        """Prove the path again whenever the tunnel restarted or the machine slept."""
        sleep_watch = SleepWatch()
        while True:
            batch: list[Published] = []
            with anyio.move_on_after(_LOOK_EVERY_S):
                batch = await published.batch()
            came_back = any(isinstance(each, TunnelCameBack) for each in batch)
            if not came_back and not sleep_watch.slept():
                continue
            try:
                await self.prove()
                if hook.url != self.webhook_url:
                    await self.register(hook)
            except OkhookError as error:
                self.parts.hub.publish(PathLost(error.what))
                if self.tunnel is not None:
                    self.tunnel.restart(error.what)


class SleepWatch:
    """Notices that the machine slept: open connections look alive, but carry nothing."""

    def __init__(self) -> None:
        self._ahead_s = wall_clock_ahead_s()

    def slept(self) -> bool:
        """Return whether the machine slept since the last call."""
        before_s, self._ahead_s = self._ahead_s, wall_clock_ahead_s()
        return self._ahead_s - before_s > SLEPT_S


def wall_clock_ahead_s() -> float:
    """Return how far the wall clock is ahead of the monotonic clock, which stops during sleep."""
    return time.time() - time.monotonic()
