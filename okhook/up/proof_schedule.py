"""Decide when to prove the path again. Pure: each method takes the time."""

import math
from dataclasses import dataclass, field

from okhook.activity import Published, StoreGrew
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelReconnected,
    TunnelReconnecting,
    TunnelRestarting,
    TunnelResumed,
    TunnelStalled,
)
from okhook.up.activities import PathLost, TunnelCameBack

RECONNECTS_IN_S = 5.0
"""How long to wait for a Hookdeck that reconnects. Before 2.5.1 it does not say when it has."""

COMES_BACK_IN_S = 600.0
"""How long to wait for a tunnel to say that it came back. A busy reader may miss the word."""

BACK_OFF_S = (60.0, 120.0, 240.0, 480.0, 960.0, 1800.0)
"""How long to wait after failed proofs. Each proof costs several requests."""


@dataclass(slots=True)
class ProofSchedule:
    """When to prove the path: after what may have cut it, and ``every_s`` (0: never) in silence.

    Through a tunnel, only what Hookdeck delivered breaks the silence: a request that was made on
    this machine proves nothing.
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
