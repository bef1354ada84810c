"""Prove the path, register the hook, and repeat both when the path may have been lost."""

import math
import time
from dataclasses import dataclass, field

import anyio

from okhook.activity import Published, StoreGrew
from okhook.errors import OkhookError
from okhook.okta.activities import Registered
from okhook.runtime.hub import Subscription
from okhook.runtime.run_files import ReceiverRun
from okhook.secret import Secret
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelReconnected,
    TunnelReconnecting,
    TunnelRestarting,
    TunnelResumed,
    TunnelStalled,
)
from okhook.tunnel.hookdeck.running import RunningTunnel
from okhook.up.activities import PathLost, PathProved, Ready, TunnelCameBack, step
from okhook.up.config import UpConfig, UpParts
from okhook.up.hook_run import HookRun
from okhook.up.path_proof import Arrivals, prove_path

_LOOK_EVERY_S = 5.0

_STORED_S = 1.0
"""How long "ready" waits for a store that has trouble."""

SLEPT_S = 20.0
"""How far the wall clock must jump ahead of the monotonic clock. NTP moves it less."""

RECONNECTS_IN_S = 5.0
"""How long to wait for a Hookdeck that reconnects. Before 2.5.1 it does not say when it has."""

COMES_BACK_IN_S = 600.0
"""How long to wait for a tunnel to say that it came back. A busy reader may miss the word."""

BACK_OFF_S = (60.0, 120.0, 240.0, 480.0, 960.0, 1800.0)
"""How long to wait after failed proofs. Each proof costs several requests."""


@dataclass(slots=True)
class ProofSchedule:
    """When to prove the path: after what may have cut it, and ``every_s`` (0: never) in silence.

    It has no clock: each method takes the time. Through a tunnel, only what Hookdeck delivered
    breaks the silence: a request that was made on this machine proves nothing.
    """

    every_s: float
    has_tunnel: bool
    now_s: float
    _due_at_s: float = field(init=False)
    _is_lost: bool = False
    _failures: int = 0

    def __post_init__(self) -> None:
        self._wait_for_silence(self.now_s)

    def due_in_s(self, now_s: float) -> float:
        """Return how long to wait until the path is to be proved; 0 for now."""
        return max(0.0, self._due_at_s - now_s)

    def noticed(self, activity: Published, now_s: float) -> PathLost | None:
        """Take an activity into account. If it means that the path is lost, return that."""
        match activity:
            case TunnelCameBack() | TunnelReconnected() | TunnelResumed():
                self._due_at_s = now_s
            case TunnelReconnecting():
                self._due_at_s = now_s + RECONNECTS_IN_S
                return self._lost("Hookdeck lost its connection")
            case TunnelRestarting(reason=reason):
                self._due_at_s = now_s + COMES_BACK_IN_S
                return self._lost(f"Hookdeck restarts: {reason}")
            case TunnelStalled(reason=reason):
                self._due_at_s = now_s + COMES_BACK_IN_S
                return self._lost(reason)
            case TunnelAttempt(status=int(status)) if status < 300 and not self._is_lost:
                self._wait_for_silence(now_s)
            case StoreGrew() if not self.has_tunnel and not self._is_lost:
                self._wait_for_silence(now_s)
        return None

    def proved(self, now_s: float) -> None:
        """Note that a canary arrived."""
        self._is_lost, self._failures = False, 0
        self._wait_for_silence(now_s)

    def failed(self, now_s: float) -> bool:
        """Note that no canary arrived, and return whether to restart the tunnel."""
        self._is_lost = True
        restarts = self.has_tunnel and self._failures % 2 == 0
        round_ = self._failures // 2 if self.has_tunnel else self._failures
        self._due_at_s = now_s + BACK_OFF_S[min(round_, len(BACK_OFF_S) - 1)]
        self._failures += 1
        return restarts

    def _lost(self, reason: str) -> PathLost | None:
        was_lost, self._is_lost = self._is_lost, True
        return None if was_lost else PathLost(reason)

    def _wait_for_silence(self, now_s: float) -> None:
        self._due_at_s = now_s + self.every_s if self.every_s else math.inf


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
            current.detail = f"a canary arrived in {await self._prove() * 1000:.0f} ms"

    async def _prove(self) -> float:
        return await prove_path(
            self.webhook_url,
            self.parts.http,
            self.arrivals,
            self.config.hook.auth,
            timeout_s=self.config.path_timeout_s,
        )

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
        """Prove the path again when it may have been lost, and when nothing came for long."""
        sleep_watch = SleepWatch()
        leads_outside = self.tunnel is not None or self.config.public_url is not None
        schedule = ProofSchedule(
            self.config.prove_every_s if leads_outside else 0.0,
            has_tunnel=self.tunnel is not None,
            now_s=time.monotonic(),
        )
        while True:
            batch: list[Published] = []
            with anyio.move_on_after(min(_LOOK_EVERY_S, schedule.due_in_s(time.monotonic()))):
                batch = await published.batch()
            for activity in batch:
                if lost := schedule.noticed(activity, time.monotonic()):
                    self._say_lost(lost, hook)
            if sleep_watch.slept() or not schedule.due_in_s(time.monotonic()):
                await self._prove_again(schedule, hook)

    async def _prove_again(self, schedule: ProofSchedule, hook: HookRun) -> None:
        try:
            took_s = await self._prove()
        except OkhookError as error:
            self._say_lost(PathLost(error.what, error.next_step), hook)
            if schedule.failed(time.monotonic()) and self.tunnel is not None:
                self.tunnel.restart(error.what)
            return
        self.parts.hub.publish(PathProved(took_s))
        hook.note_path()
        schedule.proved(time.monotonic())
        if hook.url == self.webhook_url:
            return
        try:
            await self.register(hook)
        except OkhookError as error:
            self._say_lost(PathLost(error.what, error.next_step), hook)
            schedule.failed(time.monotonic())

    def _say_lost(self, lost: PathLost, hook: HookRun) -> None:
        self.parts.hub.publish(lost)
        hook.note_path(lost=lost)


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
