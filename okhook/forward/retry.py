"""When to try again: a delivery, an app that is down, the store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import anyio

from okhook.activity import Activity, ForwardingWaits
from okhook.errors import StoreFailed
from okhook.http.client import Answer
from okhook.http.errors import AnswerLost, CannotBeSent, TimedOut
from okhook.records.attempt import Attempt, Forward, ForwardState

STEPS_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 300.0)
"""How long to wait after the first failure, the second …; the last step is repeated."""

LONGEST_WAIT_S = 3600.0
"""The longest wait that an app can ask for with ``Retry-After``."""

_JITTER = 0.2
"""The share by which a wait may grow, so that retries do not all come at once."""

_RETRIED_4XX = frozenset({408, 429})


def state_after(attempt: Attempt) -> ForwardState:
    """Return the state if retries are left."""
    if attempt.accepted:
        return ForwardState.DONE
    is_waiting = is_retried(attempt.status, attempt.fault)
    return ForwardState.WAITING if is_waiting else ForwardState.FAILED


def is_retried(status: int | None, fault: str | None) -> bool:
    """Return whether a failed attempt is made again: after no answer, 408, 429 and 5xx."""
    if status is None:
        return fault != CannotBeSent.fault
    return 500 <= status < 600 or status in _RETRIED_4XX


def back_off_s(failures: int, chance: float) -> float:
    """Return the wait after that many failures in a row (1 …); ``chance`` is 0 … 1."""
    step_s = STEPS_S[min(failures, len(STEPS_S)) - 1]
    return step_s * (1 + _JITTER * chance)


def longest_retries_s(retries: int) -> float:
    """Return how long that many retries can last, without the attempts themselves."""
    steps = STEPS_S[:retries] + STEPS_S[-1:] * (retries - len(STEPS_S))
    return sum(steps) * (1 + _JITTER)


def asked_wait_s(answer: Answer, now: datetime) -> float | None:
    """Return the wait that ``Retry-After`` asks for, at most an hour; None without a valid one.

    A date is compared with the answer's ``Date`` if it has one: both come from one clock.
    """
    asked = (answer.header("retry-after") or "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:20]), LONGEST_WAIT_S)
    until = answer.time_in("retry-after")
    if until is None:
        return None
    return min(max((until - (answer.date or now)).total_seconds(), 0.0), LONGEST_WAIT_S)


def forward_after(
    attempt: Attempt, *, retries: int, asked_s: float | None, at: datetime, chance: float
) -> Forward:
    """Return the state of a delivery after ``attempt``, which ended ``at``."""
    state, next_at = state_after(attempt), None
    if state is ForwardState.WAITING and attempt.number > retries:
        state = ForwardState.FAILED
    if state is ForwardState.WAITING:
        wait_s = max(back_off_s(attempt.number, chance), asked_s or 0.0)
        next_at = at + timedelta(seconds=wait_s)
    return Forward(attempt.seq, attempt.target, state, attempt.number, next_at)


def is_due(next_at: datetime, at: datetime) -> bool:
    """Return whether ``next_at`` is over, or so far ahead that the clock was set back."""
    return not timedelta(0) < next_at - at <= timedelta(seconds=LONGEST_WAIT_S)


REFUSED = "refused"
"""The fault of a message that a stream refuses, for a reason that okhook does not know."""

_MAY_COME_FROM_THE_DELIVERY = frozenset({TimedOut.fault, AnswerLost.fault, REFUSED})
"""Faults that one delivery can cause, because the app hangs or crashes on it."""


@dataclass(slots=True)
class TargetState:
    """Whether an app is up or down.

    ``phase`` grows with each change; an attempt remembers the phase in which it began.
    ``next_at`` is when to try a down app again. ``suspect`` is the ``seq`` of a delivery that may
    be the reason why the app does not answer: another one is tried first. ``tried`` is that of
    the last delivery that got no answer: it need not wait when the app listens again.
    """

    phase: int = 0
    next_at: datetime | None = None
    suspect: int | None = None
    tried: int | None = None
    _failures: int = 0
    _down_since: datetime | None = None
    _is_closed: bool = False

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

    @property
    def listens_again(self) -> bool:
        """Whether a down app is to be tried before its time."""
        return self.is_down and self.next_at is None

    def checked(self, *, listens: bool) -> None:
        """Learn whether a down app listens. If it did not before, it was restarted."""
        if listens and self._is_closed:
            self.next_at = None
        self._is_closed = not listens

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
            self.tried = attempt.seq
            self.suspect = attempt.seq if attempt.fault in _MAY_COME_FROM_THE_DELIVERY else None
            self._down_since = self._down_since or at
        elif self.is_down:
            self.phase += 1
            self._failures, self._is_closed = 0, False
            self.next_at = self.tried = self.suspect = self._down_since = None


T = TypeVar("T")

_LONGEST_STEP = 3
"""Waits no longer than some seconds: a store that is back has a backlog to be sent."""


_TOLD_AFTER = 2
"""A single failure is no news: a database may move to another server within a second."""


def waits(what: str, error: StoreFailed) -> ForwardingWaits:
    """Return that something waits for the store, and why."""
    why = "" if error.why is None else f" ({error.why})"
    return ForwardingWaits(f"{what} waits: {error.what}{why}")


@dataclass(slots=True)
class StorePatience:
    """Repeats calls that the store failed. Publishes one warning until none is failing."""

    what: str
    publish: Callable[[Activity], None]
    chance: Callable[[], float]
    _failing: int = 0

    async def until_done(self, act: Callable[[], Awaitable[T]]) -> T:
        """Call ``act`` until it does not raise ``StoreFailed``, and return what it returns."""
        failures = 0
        try:
            while True:
                try:
                    return await act()
                except StoreFailed as error:
                    failures += 1
                    if failures == _TOLD_AFTER:
                        self._failing += 1
                        if self._failing == 1:
                            self.publish(waits(self.what, error))
                await anyio.sleep(back_off_s(min(failures, _LONGEST_STEP), self.chance()))
        finally:
            self._failing -= failures >= _TOLD_AFTER
