"""Rate limits as in Okta: a number of calls of an endpoint in each window of time."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from okhook.config.settings import Settings


@dataclass(frozen=True, slots=True)
class RateLimit:
    """An endpoint accepts ``calls`` in each window of ``window_s`` seconds."""

    calls: int = Settings.sandbox_rate_limit.default
    window_s: int = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of an endpoint's limit. ``reset`` is in seconds since the epoch."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers for an answer."""
        return [
            ("X-Rate-Limit-Limit", str(self.limit)),
            ("X-Rate-Limit-Remaining", str(self.remaining)),
            ("X-Rate-Limit-Reset", str(self.reset)),
        ]


@final
@dataclass
class RateMeter:
    """Counts calls by endpoint, in windows that begin at the same time for all."""

    limit: RateLimit
    _window: int = -1
    _used: dict[str, int] = field(default_factory=dict)

    def count(self, endpoint: str, now: datetime) -> Allowance:
        """Count a call of ``endpoint`` and return its allowance."""
        window = int(now.timestamp()) // self.limit.window_s
        if window != self._window:
            self._window = window
            self._used.clear()
        self._used[endpoint] = used = self._used.get(endpoint, 0) + 1
        return Allowance(
            limit=self.limit.calls,
            remaining=max(0, self.limit.calls - used),
            reset=(window + 1) * self.limit.window_s,
            exceeded=used > self.limit.calls,
        )
