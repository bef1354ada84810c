"""Whether an app is up or down, and when to try a down app again. Pure.

An app is down after an attempt without an answer, and up after any answer. A down app gets one
delivery at a time, after growing waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import final

from okhook.forward.retry import back_off_s, is_due
from okhook.http.client import AnswerLost, CannotBeSent, TimedOut
from okhook.records.attempt import Attempt

_MAY_COME_FROM_THE_DELIVERY = frozenset({TimedOut.fault, AnswerLost.fault})
"""Faults that one delivery can cause, because the app hangs or crashes on it."""


@final
@dataclass(slots=True)
class TargetState:
    """Whether an app is up or down.

    ``phase`` grows with each change; an attempt remembers the phase in which it began.
    ``next_at`` is when to try a down app again. ``suspect`` is the ``seq`` of a delivery that may
    be the reason why the app does not answer: another one is tried first.
    """

    phase: int = 0
    next_at: datetime | None = None
    suspect: int | None = None
    _failures: int = 0
    _down_since: datetime | None = None

    @property
    def is_down(self) -> bool:
        """Whether the last attempt that counts got no answer."""
        return self._down_since is not None

    def down_s(self, at: datetime) -> float | None:
        """Return for how long the app has been down; None if it is up."""
        since = self._down_since
        return None if since is None else max((at - since).total_seconds(), 0.0)

    def may_try(self, at: datetime) -> bool:
        """Return whether it is time to try the app again."""
        return self.next_at is None or is_due(self.next_at, at)

    def learn(self, attempt: Attempt, *, begun_in: int, at: datetime, chance: float) -> None:
        """Update the state after an attempt that began in the phase ``begun_in`` and ended ``at``.

        An attempt that began before the last change is ignored: an app that restarts still answers
        on its old connections. ``chance`` (0 … 1) is for the jitter.
        """
        if begun_in != self.phase or attempt.fault == CannotBeSent.fault:
            return
        if attempt.status is None:
            self.phase += 1
            self._failures += 1
            self.next_at = at + timedelta(seconds=back_off_s(self._failures, chance))
            self.suspect = attempt.seq if attempt.fault in _MAY_COME_FROM_THE_DELIVERY else None
            self._down_since = self._down_since or at
        elif self.is_down:
            self.phase += 1
            self._failures = 0
            self.next_at = self.suspect = self._down_since = None
