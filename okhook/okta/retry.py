"""When to retry a call of an org: after a network fault, a 5xx, a 429, and a lost answer.

The wait after a 429 is the answer's ``X-Rate-Limit-Reset`` (epoch seconds) minus its ``Date``. Both
come from the org's clock, so the clock of this machine does not matter. A proxy in front of the org
sends ``Retry-After`` instead, also with a 503.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from okhook.activity import Activity
from okhook.errors import OkhookError, Unavailable
from okhook.http.client import Answer
from okhook.http.errors import AnswerLost, ConnectionFailed, HttpError, NameNotFound, TimedOut
from okhook.json_form import rounded

_TRIES = 3
LOOK_AFTER_S = 2.0
"""The wait between a lost answer and the check."""

T = TypeVar("T")

_DEFAULT_WAIT_S = 10.0
"""The wait after a 429 without ``X-Rate-Limit-Reset``."""

_ROUNDING_S = 1.0
"""Both times are whole seconds, so the true difference may be up to 1 s longer."""

_LATEST_EPOCH_S = 253_402_300_799
"""The last second of the year 9999: the last that ``datetime`` can represent."""


class RateLimited(Activity):
    """The org answered 429; okhook retries in ``remaining_s``, which counts down.

    ``asked_s`` is the wait that the org asked for, if it is longer than ours.
    """

    type = "rate_limited"
    org: str
    remaining_s: Annotated[float, rounded(1)]
    asked_s: Annotated[float | None, rounded(1)]


class CallRetried(Activity):
    """A call got no answer or a 5xx; okhook retries after ``wait_s``."""

    type = "retrying"
    call: str
    reason: str
    wait_s: Annotated[float, rounded(2)]


class ServerFault(HttpError):
    """A 5xx."""

    fault = "server fault"

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.url, f"HTTP {answer.status}")
        self.answer = answer


MAYBE_RECEIVED = (ServerFault, TimedOut, AnswerLost)
"""The faults after which the org may have carried out a call."""

TEMPORARY = (*MAYBE_RECEIVED, NameNotFound, ConnectionFailed)
"""The faults after which another try can help."""


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

    def usual_wait_s(self, number: int) -> float:
        """Return the wait after the call with this number, from 1."""
        jitter_s = random.uniform(0, self.jitter_s)  # noqa: S311 - no secret
        return min(self.first_wait_s * 2.0 ** (number - 1) + jitter_s, self.longest_wait_s)

    def asked_wait_s(self, fault: Exception, now: datetime) -> float | None:
        """Return how long the answer with a fault asks to wait, if okhook waits that long."""
        if not isinstance(fault, ServerFault):
            return None
        asked_s = retry_after_s(fault.answer, now)
        is_too_long = asked_s is not None and asked_s > self.longest_rate_limit_wait_s
        return None if is_too_long else asked_s


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
    asked_s = (
        retry_after_s(answer, now)
        if reset is None
        else max(reset - (answer.date or now).timestamp(), 0.0) + _ROUNDING_S
    )
    if asked_s is None:
        return min(_DEFAULT_WAIT_S, longest_s), None
    return min(asked_s, longest_s), asked_s


def retry_after_s(answer: Answer, now: datetime) -> float | None:
    """Return the wait in ``Retry-After``, which has seconds or a time; None without one."""
    seconds = _number(answer.header("retry-after"))
    if seconds is not None:
        return max(float(seconds), _ROUNDING_S)
    until = answer.time_in("retry-after")
    if until is None:
        return None
    return max((until - (answer.date or now)).total_seconds(), 0.0) + _ROUNDING_S


def _number(value: str | None) -> int | None:
    """Return a header's whole number, at most the latest time."""
    if value is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    return min(int(value.strip()[:20]), _LATEST_EPOCH_S)


class OutcomeUnknown(Unavailable):
    """A call that must not be made twice got no clear answer: it may have been carried out."""


async def made_once(
    make: Callable[[], Awaitable[T]],
    look: Callable[[], Awaitable[T | None]],
    sleep: Callable[[float], Awaitable[None]],
    on_lost: Callable[[OutcomeUnknown], None] = lambda _: None,
) -> T:
    """Return what ``make`` makes; if its answer is lost, return what ``look`` finds.

    Raises OutcomeUnknown if the check fails too, and the errors of ``make``.
    """
    try:
        return await make()
    except OutcomeUnknown as fault:
        lost = fault
    for _ in range(_TRIES - 1):
        on_lost(lost)
        await sleep(LOOK_AFTER_S)
        try:
            found = await look()
            return await make() if found is None else found
        except OutcomeUnknown as fault:
            lost = fault
        except OkhookError as fault:
            raise OutcomeUnknown(lost.what, why=fault.what, next_step=lost.next_step) from fault
    raise lost
