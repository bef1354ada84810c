"""Find the likely cause of a missed event. Pure.

The System Log does not name the events of a failed delivery, so we match failures by time.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from sys import intern
from typing import Final

from okhook.okta.system_log import LogEntry
from okhook.reconcile.hook_history import HookHistory, HookStatus
from okhook.runtime.uptime import Period

DAILY_LIMIT: Final = 400_000
"""Okta delivers at most this many events of an org in 24 hours (Okta's guide)."""

NEARBY: Final = timedelta(minutes=10)
"""A delivery may fail this long after its event: Okta may send events minutes late."""


class Likely(StrEnum):
    """The likely cause of a missed event."""

    INACTIVE = "inactive"
    UNVERIFIED = "unverified"
    DELIVERY_FAILED = "delivery_failed"
    REFUSED = "refused"
    NO_LISTENER = "no_listener"
    DAILY_LIMIT = "daily_limit"
    FILTER = "filter"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cause:
    """The likely cause, and the ``parts`` of a sentence that explains it: text and times.

    The text may come from the org.
    """

    likely: Likely
    parts: tuple[str | datetime, ...]

    @property
    def detail(self) -> str:
        """The sentence, with its times in UTC."""
        return self.sentence(_utc)

    def sentence(self, clock: Callable[[datetime], str]) -> str:
        """Return the sentence; ``clock`` formats each time."""
        return "".join(part if isinstance(part, str) else clock(part) for part in self.parts)


class Failures:
    """The times and reasons of failures, in order of time."""

    def __init__(self) -> None:
        self._failures: list[tuple[datetime, str]] = []

    def add(self, moment: datetime, reason: str | None) -> None:
        """Add a failure."""
        text = intern((reason or "no reason given")[:200])
        insort(self._failures, (moment, text), key=itemgetter(0))

    def __len__(self) -> int:
        return len(self._failures)

    def after(self, moment: datetime) -> tuple[datetime, str] | None:
        """Return the first failure within ``NEARBY`` after ``moment``, or None."""
        at = bisect_left(self._failures, moment, key=itemgetter(0))
        if at == len(self._failures) or self._failures[at][0] > moment + NEARBY:
            return None
        return self._failures[at]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the org, the store and this machine know about a time.

    ``failures`` are the failed deliveries in the System Log. ``load`` counts the org's events by
    hour. ``periods`` are the times when a receiver ran. ``refusals`` returns the requests that the
    receiver refused. ``unread_filters`` are the event types whose filter okhook cannot evaluate.
    """

    history: HookHistory
    failures: Failures
    load: Counter[int]
    periods: Sequence[Period]
    refusals: Callable[[], Failures]
    unread_filters: Collection[str] = ()


def likely_cause(entry: LogEntry, known: Evidence) -> Cause:
    """Return the first cause that applies to a missed event."""
    stretch = known.history.at(entry.published)
    if stretch.status is not HookStatus.DELIVERING:
        since = (" since ", stretch.since) if stretch.since else ()
        likely = Likely(stretch.status.value)
        return Cause(likely, (f"the hook was {stretch.status.value.upper()}", *since))
    failed = known.failures.after(entry.published)
    if gap := _gap(entry.published, known.periods):
        why = (f"; Okta logged a failed delivery: {failed[1]}",) if failed else ()
        return Cause(Likely.NO_LISTENER, (*gap, *why))
    if refused := known.refusals().after(entry.published):
        return Cause(
            Likely.REFUSED, (f"the receiver refused a delivery at that time: {refused[1]}",)
        )
    if failed:
        when, reason = failed
        return Cause(
            Likely.DELIVERY_FAILED, ("Okta logged a failed delivery at ", when, f": {reason}")
        )
    if _in_the_day_before(entry.published, known.load) >= DAILY_LIMIT:
        over = (
            f"the org had over {DAILY_LIMIT:,} events in the 24 hours before, and Okta delivers"
            " no more than that"
        )
        return Cause(Likely.DAILY_LIMIT, (over,))
    if entry.event_type in known.unread_filters:
        return Cause(
            Likely.FILTER, ("the hook's filter may exclude it: okhook cannot evaluate the filter",)
        )
    return Cause(
        Likely.UNKNOWN,
        ("a receiver ran, and Okta logged no failure; see the tunnel's dashboard",),
    )


def _gap(moment: datetime, periods: Iterable[Period]) -> tuple[str | datetime, ...] | None:
    """Return a sentence if no receiver ran at ``moment``, else None."""
    last_end: datetime | None = None
    for period in periods:
        if period.began > moment:
            break
        if period.ended is None or period.ended >= moment:
            return None
        last_end = period.ended if last_end is None else max(last_end, period.ended)
    if last_end is None:
        return ("no receiver has run on this machine yet",)
    return ("no receiver has run on this machine since ", last_end)


def hour_of(moment: datetime) -> int:
    """Return the hour of ``moment``, counted from 1970."""
    return int(moment.timestamp() // 3600)


def _in_the_day_before(moment: datetime, load: Counter[int]) -> int:
    last = hour_of(moment)
    return sum(load[hour] for hour in range(last - 23, last + 1))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
