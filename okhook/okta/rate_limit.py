"""How long to wait after a 429, by what the answer says and not by our own clock.

Okta sends ``X-Rate-Limit-Reset`` (epoch seconds) and ``Date``. Both come from the same clock, so
their difference holds however wrong the clock of this machine is.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from okhook.http.client import Answer
from okhook.okta.clock import date_of

_UNSAID_S = 10.0
"""How long to wait where the answer does not say it."""

_ROUNDING_S = 1.0
"""Both times are whole seconds, so the true difference may be up to one longer."""

_LATEST_EPOCH_S = 253_402_300_799
"""The last second of the year 9999, beyond which no time can be written."""


@dataclass(frozen=True, slots=True)
class RateLimitWait:
    """``wait_s`` is what we wait, ``asked_s`` what the org asked for, if it asked."""

    wait_s: float
    asked_s: float | None

    @property
    def is_cut_short(self) -> bool:
        """Whether the org asked for longer than anyone should wait."""
        return self.asked_s is not None and self.asked_s > self.wait_s


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
