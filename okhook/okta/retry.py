"""Retry a call of an org: after a network fault, after a 5xx, and after a 429.

The wait after a 429 is the answer's ``X-Rate-Limit-Reset`` (epoch seconds) minus its ``Date``. Both
come from the org's clock, so the clock of this machine does not matter.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import final

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.http.client import Answer, HttpError
from okhook.okta.activities import CallRetried, RateLimited
from okhook.wire.org import Org

_DEFAULT_WAIT_S = 10.0
"""The wait after a 429 without ``X-Rate-Limit-Reset``."""

_ROUNDING_S = 1.0
"""Both times are whole seconds, so the true difference may be up to 1 s longer."""

_LATEST_EPOCH_S = 253_402_300_799
"""The last second of the year 9999: the last that ``datetime`` can represent."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long the client keeps trying.

    Network faults and 5xx: ``tries`` calls in all; the wait starts at ``first_wait_s`` and doubles
    up to ``longest_wait_s``, with some jitter. 429: up to ``rate_limit_waits`` waits; each
    publishes a countdown every ``countdown_step_s``. Okta's windows are a minute long.
    """

    tries: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    jitter_s: float = 0.5
    rate_limit_waits: int = 3
    longest_rate_limit_wait_s: float = 90.0
    countdown_step_s: float = 5.0


class ServerFault(HttpError):
    """A 5xx."""

    fault = "server fault"

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.url, f"HTTP {answer.status}")
        self.answer = answer


@final
@dataclass(frozen=True, slots=True)
class Retries:
    """Retries calls of one org, and publishes every wait."""

    org: Org
    policy: RetryPolicy
    publish: Callable[[Activity], None]
    sleep: Callable[[float], Awaitable[None]]
    now: Callable[[], datetime]

    async def until_answered(
        self,
        attempt: Callable[[], Awaitable[Answer]],
        *,
        heals: Callable[[HttpError], bool],
        called: Callable[[HttpError], str],
    ) -> Answer:
        """Retry ``attempt`` after each fault that ``heals``; the answer may be a refusal.

        ``called`` names the request that failed. Raises the last HttpError, or Unavailable if the
        org still answers 429.
        """
        import stamina

        logger = logging.getLogger("stamina")
        if not logger.handlers:
            # Keep its warnings off stderr: every retry is published as an activity.
            logger.addHandler(logging.NullHandler())
        policy = self.policy
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
                        self.publish(CallRetried(called(fault), fault.reason, trial.next_wait))
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _admitted(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        longest_s = self.policy.longest_rate_limit_wait_s
        for waits_left in range(self.policy.rate_limit_waits, -1, -1):
            answer = await attempt()
            if answer.status >= 500:
                raise ServerFault(answer)
            if answer.status != 429:
                return answer
            wait_s, asked_s = rate_limit_wait(answer, now=self.now(), longest_s=longest_s)
            if waits_left:
                await self._wait(wait_s, asked_s)
        raise Unavailable(
            f"{self.org.host} still limits our calls (HTTP 429)"
            + (f"; it asks for another {asked_s:.0f} s" if asked_s else ""),
            next_step="try again later; other tools with the same kind of token share the limit",
        )

    async def _wait(self, wait_s: float, asked_s: float | None) -> None:
        longer_s = asked_s if asked_s is not None and asked_s > wait_s else None
        while wait_s > 0:
            self.publish(RateLimited(self.org.url, wait_s, longer_s))
            step_s = min(self.policy.countdown_step_s, wait_s)
            await self.sleep(step_s)
            wait_s -= step_s


@dataclass(frozen=True, slots=True)
class RateLimitLeft:
    """How many calls of an endpoint are left until ``reset_at``."""

    limit: int
    remaining: int
    reset_at: datetime | None


def rate_limit_left(answer: Answer) -> RateLimitLeft | None:
    """Return the limit of an answer's endpoint; None if the answer does not state it."""
    limit = _number(answer.header("x-rate-limit-limit"))
    remaining = _number(answer.header("x-rate-limit-remaining"))
    if limit is None or remaining is None:
        return None
    reset = _number(answer.header("x-rate-limit-reset"))
    return RateLimitLeft(
        limit, remaining, None if reset is None else datetime.fromtimestamp(reset, UTC)
    )


def rate_limit_wait(
    answer: Answer, *, now: datetime, longest_s: float
) -> tuple[float, float | None]:
    """Return how long to wait after a 429, and how long the org asks for, or None.

    ``now`` replaces the answer's ``Date`` if that is missing or invalid.
    """
    reset = _number(answer.header("x-rate-limit-reset"))
    if reset is None:
        return min(_DEFAULT_WAIT_S, longest_s), None
    asked_s = max(reset - (answer.date or now).timestamp(), 0.0) + _ROUNDING_S
    return min(asked_s, longest_s), asked_s


def _number(value: str | None) -> int | None:
    """Return a header's whole number, at most the latest time."""
    if value is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    return min(int(value.strip()[:20]), _LATEST_EPOCH_S)
