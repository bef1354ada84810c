"""Rate limits as Okta counts them: so many calls of an endpoint in each window of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import final

from okhook.config.settings import Settings

WINDOW_S = 60
"""Okta counts by the minute."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many ``calls`` an endpoint takes in each window of ``window_s`` seconds."""

    calls: int = Settings.sandbox_rate_limit.default
    window_s: int = WINDOW_S


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of an endpoint's limit. ``reset`` is in seconds since the epoch."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers that every answer carries."""
        return [
            ("X-Rate-Limit-Limit", str(self.limit)),
            ("X-Rate-Limit-Remaining", str(self.remaining)),
            ("X-Rate-Limit-Reset", str(self.reset)),
        ]


@final
class RateMeter:
    """Counts calls by endpoint, in windows that all begin at the same time."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._window = -1
        self._used: dict[str, int] = {}

    def count(self, endpoint: str, now: datetime) -> Allowance:
        """Count a call of ``endpoint`` and return what is left."""
        window = int(now.timestamp()) // self._limit.window_s
        if window != self._window:
            self._window = window
            self._used.clear()
        used = self._used.get(endpoint, 0) + 1
        self._used[endpoint] = used
        return Allowance(
            limit=self._limit.calls,
            remaining=max(0, self._limit.calls - used),
            reset=(window + 1) * self._limit.window_s,
            exceeded=used > self._limit.calls,
        )
