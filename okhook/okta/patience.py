"""How long an org is asked again: network faults, 5xx, and "later" (429)."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import final

import anyio
import stamina

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.http.client import (
    Answer,
    AnswerLost,
    ConnectionFailed,
    HttpError,
    NameNotFound,
    TimedOut,
)
from okhook.okta.activities import CallRetried, RateLimited
from okhook.okta.rate_limit import RateLimitWait, rate_limit_wait
from okhook.runtime.ids import utc_now
from okhook.wire.org import Org

Attempt = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the client keeps trying.

    Network faults and 5xx: ``tries`` calls in all, ``first_wait_s`` between the first two, doubled
    each time up to ``longest_wait_s``, with some jitter. A 429: ``rate_limit_waits`` waits, each at
    most ``longest_rate_limit_wait_s`` (Okta's windows are a minute long), told every
    ``countdown_step_s``.
    """

    tries: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    jitter_s: float = 0.5
    rate_limit_waits: int = 3
    longest_rate_limit_wait_s: float = 90.0
    countdown_step_s: float = 5.0


class ServerFault(Exception):
    """A 5xx: the org may do better next time."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


Healing = tuple[type[Exception], ...]

SURELY_NOT_CARRIED_OUT: tuple[type[HttpError], ...] = (NameNotFound, ConnectionFailed)
"""Faults after which a call is safely made again, whatever it does."""

MAY_HEAL: Healing = (ServerFault, NameNotFound, ConnectionFailed, TimedOut, AnswerLost)
"""Faults after which a call that may be carried out twice is made again."""


@final
class Patiently:
    """Makes calls of one org until they are answered, or it is no use. Every wait is published."""

    def __init__(
        self,
        org: Org,
        patience: Patience,
        *,
        publish: Callable[[Activity], None],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._org = org
        self._patience = patience
        self._publish = publish
        self._sleep = sleep
        self._now = now

    async def until_answered(self, attempt: Attempt, called: str, healing: Healing) -> Answer:
        """Make an attempt again after each of the faults in ``healing``, and return its answer.

        ``called`` names the call to whoever watches. The answer may be a refusal, never a 429.

        Raises:
            ServerFault, HttpError: the last attempt's, or one that is not in ``healing``.
            Unavailable: the org still says "later".

        """
        _quieten_stamina()
        patience = self._patience
        async for trial in stamina.retry_context(
            on=healing,
            attempts=patience.tries,
            timeout=None,
            wait_initial=patience.first_wait_s,
            wait_max=patience.longest_wait_s,
            wait_jitter=patience.jitter_s,
        ):
            with trial:
                try:
                    return await self._admitted(attempt)
                except healing as fault:
                    if trial.num < patience.tries:
                        self._publish(CallRetried(called, _reason(fault), trial.next_wait))
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _admitted(self, attempt: Attempt) -> Answer:
        """Make the call until it is not answered with a 429."""
        for _ in range(self._patience.rate_limit_waits):
            answer = await attempt()
            if answer.status != 429:
                return _without_fault(answer)
            await self._wait_for_admission(answer)
        answer = await attempt()
        if answer.status != 429:
            return _without_fault(answer)
        wait = self._wait_after(answer)
        asked = f", and asks for another {wait.asked_s:.0f} s" if wait.asked_s else ""
        raise Unavailable(
            f"{self._org.host} still limits our calls (HTTP 429){asked}",
            next_step="try again later; other tools with the same kind of token share the limit",
        )

    async def _wait_for_admission(self, answer: Answer) -> None:
        wait = self._wait_after(answer)
        remaining_s = wait.wait_s
        while remaining_s > 0:
            asked_s = wait.asked_s if wait.is_cut_short else None
            self._publish(RateLimited(self._org.url, remaining_s, asked_s))
            step_s = min(self._patience.countdown_step_s, remaining_s)
            await self._sleep(step_s)
            remaining_s -= step_s

    def _wait_after(self, answer: Answer) -> RateLimitWait:
        longest_s = self._patience.longest_rate_limit_wait_s
        return rate_limit_wait(answer, now=self._now(), longest_s=longest_s)


def _without_fault(answer: Answer) -> Answer:
    if answer.status >= 500:
        raise ServerFault(answer)
    return answer


def _quieten_stamina() -> None:
    """Keep stamina's own warnings off stderr: every retry is published as an activity."""
    logger = logging.getLogger("stamina")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _reason(fault: Exception) -> str:
    return fault.reason if isinstance(fault, HttpError) else str(fault)
