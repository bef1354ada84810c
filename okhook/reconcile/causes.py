"""Why an event was likely missed, from the org's log, the store, and when a receiver ran. Pure.

The log does not say which events a failed delivery carried, so a failure close in time counts.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, final

from okhook.okta.log_entry import LogEntry
from okhook.reconcile.hook_history import HookHistory, Standing
from okhook.runtime.uptime import Period

DAILY_LIMIT: Final = 400_000
"""Events of an org in 24 hours beyond which Okta delivers none (Okta's guide)."""

NEARBY: Final = timedelta(minutes=10)
"""How long after an event its delivery may have failed: events may come minutes late."""


class Likely(StrEnum):
    """What most likely kept an event away."""

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
    """The likely cause, and a sentence about it: ``parts`` are its words and the times in it.

    The words may be the org's. Each time is shown on the clock of the reader.
    """

    likely: Likely
    parts: tuple[str | datetime, ...]

    @property
    def detail(self) -> str:
        """The sentence, with its times in UTC."""
        return self.sentence(_utc)

    def sentence(self, clock: Callable[[datetime], str]) -> str:
        """Return the sentence, with each time as ``clock`` writes it."""
        return "".join(part if isinstance(part, str) else clock(part) for part in self.parts)


@final
class Failures:
    """When something failed, and why; sixteen bytes each, and the text of each reason once."""

    def __init__(self) -> None:
        self._times = array("d")
        self._reasons: list[str] = []
        self._texts: dict[str, str] = {}

    def add(self, moment: datetime, reason: str | None) -> None:
        """Note a failure; without a ``reason`` it says that none was given."""
        text = (reason or "no reason given")[:200]
        at = bisect_right(self._times, moment.timestamp())
        self._times.insert(at, moment.timestamp())
        self._reasons.insert(at, self._texts.setdefault(text, text))

    def __len__(self) -> int:
        return len(self._times)

    def after(self, moment: datetime) -> tuple[datetime, str] | None:
        """Return the first failure within ``NEARBY`` after ``moment``, or None."""
        at = bisect_left(self._times, moment.timestamp())
        if at == len(self._times) or self._times[at] > (moment + NEARBY).timestamp():
            return None
        return datetime.fromtimestamp(self._times[at], UTC), self._reasons[at]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known besides the entry itself.

    ``failures`` are failed deliveries, as the org logged them. ``load`` counts the events that went
    to hooks by the hour. ``refusals`` returns what the
    receiver here refused. ``periods`` are when a receiver ran here, in order of time.
    ``unread_filters`` are the event types whose filter could not be understood.
    """

    history: HookHistory
    failures: Failures
    load: Counter[int]
    periods: Sequence[Period]
    refusals: Callable[[], Failures]
    unread_filters: Collection[str] = ()


def likely_cause(entry: LogEntry, known: Evidence) -> Cause:
    """Return why the event was most likely missed: the first cause that applies."""
    stretch = known.history.at(entry.published)
    if stretch.standing is not Standing.DELIVERING:
        since = (" since ", stretch.since) if stretch.since else ()
        likely = Likely(stretch.standing.value)
        return Cause(likely, (f"the hook was {stretch.standing.value.upper()}", *since))
    failed = known.failures.after(entry.published)
    if gap := _gap(entry.published, known.periods):
        why = (f"; Okta logged a failed delivery: {failed[1]}",) if failed else ()
        return Cause(Likely.NO_LISTENER, (*gap, *why))
    if refused := known.refusals().after(entry.published):
        return Cause(Likely.REFUSED, (f"the receiver refused what came then: {refused[1]}",))
    if failed:
        when, reason = failed
        return Cause(
            Likely.DELIVERY_FAILED, ("Okta logged a failed delivery at ", when, f": {reason}")
        )
    if _in_the_day_before(entry.published, known.load) >= DAILY_LIMIT:
        over = (
            f"the org had over {DAILY_LIMIT:,} events in the 24 hours before, and Okta delivers"
            " none beyond that"
        )
        return Cause(Likely.DAILY_LIMIT, (over,))
    if entry.event_type in known.unread_filters:
        return Cause(
            Likely.FILTER, ("the hook's filter, which cannot be evaluated here, may not want it",)
        )
    return Cause(
        Likely.UNKNOWN,
        ("a receiver ran, and no failure is known; the tunnel's dashboard may tell more",),
    )


def _gap(moment: datetime, periods: Iterable[Period]) -> tuple[str | datetime, ...] | None:
    """Say that no receiver ran at ``moment``; None where one did."""
    last_end: datetime | None = None
    for period in periods:
        if period.began > moment:
            break
        if period.ended is None or period.ended >= moment:
            return None
        last_end = period.ended if last_end is None else max(last_end, period.ended)
    if last_end is None:
        return ("no receiver is known to have run here yet",)
    return ("no receiver ran here since ", last_end)


def hour_of(moment: datetime) -> int:
    """Return the hour of ``moment``, counted from 1970."""
    return int(moment.timestamp() // 3600)


def _in_the_day_before(moment: datetime, load: Counter[int]) -> int:
    last = hour_of(moment)
    return sum(load[hour] for hour in range(last - 23, last + 1))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
