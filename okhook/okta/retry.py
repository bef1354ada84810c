"""When a call of an org is made again: after a network fault, after a 5xx, and after "later" (429).

After a 429 the answer says how long to wait, and not our own clock: Okta sends
``X-Rate-Limit-Reset`` (epoch seconds) and ``Date``. Both come from the same clock, so their
difference holds however wrong the clock of this machine is.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import final

import anyio

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
from okhook.okta.auth.clock import date_of
from okhook.runtime.ids import utc_now
from okhook.wire.org import Org

_UNSAID_S = 10.0
"""How long to wait after a 429 that does not say it."""

_ROUNDING_S = 1.0
"""Both times are whole seconds, so the true difference may be up to one longer."""

_LATEST_EPOCH_S = 253_402_300_799
"""The last second of the year 9999, beyond which no time can be written."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
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


class ServerFault(HttpError):
    """A 5xx: the org may do better next time."""

    fault = "server fault"

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.url, f"HTTP {answer.status}")
        self.answer = answer


def may_heal(fault: Exception) -> bool:
    """Tell whether a call that may be carried out twice is worth another try."""
    return isinstance(fault, ServerFault | NameNotFound | ConnectionFailed | TimedOut | AnswerLost)


def in_doubt(fault: HttpError, url: str) -> bool:
    """Tell whether the call of ``url`` may have been carried out.

    It was not where the fault met another request, such as the one for a token.
    """
    return fault.url == url and isinstance(fault, ServerFault | TimedOut | AnswerLost)


@dataclass(frozen=True, slots=True)
class RateLimitWait:
    """``wait_s`` is what we wait, ``asked_s`` what the org asked for, if it asked."""

    wait_s: float
    asked_s: float | None

    @property
    def is_cut_short(self) -> bool:
        """Whether the org asked for longer than anyone should wait."""
        return self.asked_s is not None and self.asked_s > self.wait_s


@final
class Retries:
    """Makes calls of one org again until they are answered. It publishes every wait."""

    def __init__(
        self,
        org: Org,
        policy: RetryPolicy,
        *,
        publish: Callable[[Activity], None],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._org = org
        self._policy = policy
        self._publish = publish
        self._sleep = sleep
        self._now = now

    async def until_answered(
        self,
        attempt: Callable[[], Awaitable[Answer]],
        *,
        heals: Callable[[HttpError], bool],
        called: Callable[[HttpError], str],
    ) -> Answer:
        """Make an attempt again after each fault that ``heals``, and return its answer.

        ``called`` names the request that met a fault. The answer may be a refusal, never a 429.

        Raises:
            HttpError: the last attempt's, or one that does not heal.
            Unavailable: the org still says "later".

        """
        import stamina

        _quieten_stamina()
        policy = self._policy
        async for trial in stamina.retry_context(
            on=lambda fault: isinstance(fault, HttpError) and heals(fault),
            attempts=policy.tries,
            timeout=None,
            wait_initial=policy.first_wait_s,
            wait_max=policy.longest_wait_s,
            wait_jitter=policy.jitter_s,
        ):
            with trial:
                try:
                    return await self._admitted(attempt)
                except HttpError as fault:
                    if trial.num < policy.tries and heals(fault):
                        self._publish(CallRetried(called(fault), fault.reason, trial.next_wait))
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _admitted(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make the call until the answer is not a 429, or it has waited often enough."""
        answer = await attempt()
        for _ in range(self._policy.rate_limit_waits):
            if answer.status != 429:
                break
            await self._wait_for_admission(self._wait_after(answer))
            answer = await attempt()
        if answer.status == 429:
            raise self._still_limited(self._wait_after(answer))
        if answer.status >= 500:
            raise ServerFault(answer)
        return answer

    async def _wait_for_admission(self, wait: RateLimitWait) -> None:
        remaining_s = wait.wait_s
        while remaining_s > 0:
            asked_s = wait.asked_s if wait.is_cut_short else None
            self._publish(RateLimited(self._org.url, remaining_s, asked_s))
            step_s = min(self._policy.countdown_step_s, remaining_s)
            await self._sleep(step_s)
            remaining_s -= step_s

    def _still_limited(self, wait: RateLimitWait) -> Unavailable:
        asked = f", and asks for another {wait.asked_s:.0f} s" if wait.asked_s else ""
        return Unavailable(
            f"{self._org.host} still limits our calls (HTTP 429){asked}",
            next_step="try again later; other tools with the same kind of token share the limit",
        )

    def _wait_after(self, answer: Answer) -> RateLimitWait:
        longest_s = self._policy.longest_rate_limit_wait_s
        return rate_limit_wait(answer, now=self._now(), longest_s=longest_s)


def _quieten_stamina() -> None:
    """Keep stamina's own warnings off stderr: every retry is published as an activity."""
    logger = logging.getLogger("stamina")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class RateLimitLeft:
    """How many calls of an endpoint are left until ``reset_at``, by the org's clock."""

    limit: int
    remaining: int
    reset_at: datetime | None


def rate_limit_left(answer: Answer) -> RateLimitLeft | None:
    """Return what an answer says of its endpoint's limit; None where it does not."""
    limit = _number(answer.header("x-rate-limit-limit"))
    remaining = _number(answer.header("x-rate-limit-remaining"))
    if limit is None or remaining is None:
        return None
    reset = _number(answer.header("x-rate-limit-reset"))
    return RateLimitLeft(
        limit, remaining, None if reset is None else datetime.fromtimestamp(reset, UTC)
    )


def rate_limit_wait(answer: Answer, *, now: datetime, longest_s: float) -> RateLimitWait:
    """Return how long to wait after ``answer``, a 429; never more than ``longest_s``.

    ``now`` stands in for the answer's ``Date`` where that is missing or not a date.
    """
    reset = _number(answer.header("x-rate-limit-reset"))
    if reset is None:
        return RateLimitWait(min(_UNSAID_S, longest_s), None)
    asked_s = max(reset - (date_of(answer) or now).timestamp(), 0.0) + _ROUNDING_S
    return RateLimitWait(min(asked_s, longest_s), asked_s)


def _number(value: str | None) -> int | None:
    """Return a header that is a whole number, cut to what a time can be."""
    if value is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    return min(int(value.strip()[:20]), _LATEST_EPOCH_S)
