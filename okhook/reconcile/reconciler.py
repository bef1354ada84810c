"""Compare the System Log with the store, page by page, in bounded memory."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from okhook.activity import Activity
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import (
    DELIVERY_FAILED,
    RETENTION_DAYS,
    LogEntry,
    LogQuery,
    SystemLogApi,
    about,
    is_one_of,
)
from okhook.reconcile.activities import (
    EventMissed,
    EventNotReconstructed,
    EventReconstructed,
    Fate,
    Reconciled,
    Tally,
    fate_of,
)
from okhook.reconcile.causes import Evidence, Failures, hour_of, likely_cause
from okhook.reconcile.cursor import ReconcileCursor, Window
from okhook.reconcile.expected_events import ExpectedEvents, Verdict
from okhook.reconcile.hook_history import CHANGES, hook_history
from okhook.reconcile.received import Received
from okhook.reconcile.redeliver import NotReconstructed, Redeliver, reconstruction
from okhook.runtime.uptime import Period
from okhook.wire.org import Org

_MOST_IN_A_FILTER = 10
"""For a hook with more event types, we read the whole log and filter it ourselves."""

_REMEMBERED: Final = 100_000
"""Duplicates among this many events are found: a hundred pages of the log."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Finds the events that one hook missed, and publishes each at once.

    ``periods`` returns the times when a receiver ran. ``at`` is called with the time up to which
    the log is read. ``redeliver`` stores a missed event. ``as_if_active`` also counts events from
    when the hook was inactive or unverified.
    """

    org: Org
    hook: EventHook
    log: SystemLogApi
    received: Received
    cursor: ReconcileCursor
    periods: Callable[[], Sequence[Period]]
    publish: Callable[[Activity], None]
    at: Callable[[datetime], None] = lambda _: None
    redeliver: Redeliver | None = None
    as_if_active: bool = False

    async def look(self, window: Window, tally: Tally | None = None) -> Reconciled:
        """Compare all of ``window``, and return the totals.

        After an error, the cursor and ``tally`` have the progress up to then.

        Raises:
            OkhookError: the log or the store cannot be read, or the receiver accepts nothing.
        """
        tally = Tally() if tally is None else tally
        expected, evidence = await self._evidence(window)
        seen = SeenEvents()
        try:
            async for page in self.log.pages(self._query(window)):
                fresh = [entry for entry in page if seen.is_new(entry.uuid)]
                await self._judge(fresh, expected, evidence, window, tally)
                if page:
                    tally.reached = page[-1].published
                    self.at(tally.reached)
            tally.reached = window.until
        finally:
            self.cursor.advance(window, reached=tally.reached, unsettled=tally.unsettled)
        return Reconciled(self.org.url, self.hook.id, window, tally)

    async def _evidence(self, window: Window) -> tuple[ExpectedEvents, Evidence]:
        """Read the hook's history and its failed deliveries from the log."""
        kept_since = window.until - timedelta(days=RETENTION_DAYS)
        changes = [entry async for entry in self._about_the_hook(kept_since, window.until, CHANGES)]
        history = hook_history(self.hook, changes)
        failures = Failures()
        async for entry in self._about_the_hook(window.since, window.until, (DELIVERY_FAILED,)):
            failures.add(entry.published, entry.reason)
        expected = ExpectedEvents(self.hook, history, as_if_active=self.as_if_active)
        return expected, Evidence(
            history=history,
            failures=failures,
            load=Counter(),
            periods=self.periods(),
            refusals=cache(lambda: self.received.refusals(window.since)),
            unread_filters=expected.unread_filters,
        )

    async def _judge(
        self,
        entries: Sequence[LogEntry],
        expected: ExpectedEvents,
        evidence: Evidence,
        window: Window,
        tally: Tally,
    ) -> None:
        wanted: list[LogEntry] = []
        for entry in entries:
            tally.read += 1
            if entry.hook_ids:
                evidence.load[hour_of(entry.published)] += 1
            verdict = expected.verdict(entry)
            if verdict is Verdict.EXPECTED:
                wanted.append(entry)
            elif verdict is Verdict.PASSED_BY:
                tally.passed_by += 1
        carried = self.received.carrying([entry.uuid for entry in wanted])
        for entry in wanted:
            copies = len(carried.get(entry.uuid, ()))
            fate = fate_of(entry, copies, missed_before=window.missed_before)
            tally.count(entry, fate)
            if fate is Fate.PENDING:
                tally.leave_open(entry)
            elif fate is Fate.MISSED:
                self.publish(EventMissed(entry, likely_cause(entry, evidence)))
                await self._redeliver(entry, tally)

    async def _redeliver(self, entry: LogEntry, tally: Tally) -> None:
        if self.redeliver is None:
            tally.leave_open(entry)
            return
        missing = reconstruction(entry, self.hook, self.org)
        try:
            await self.redeliver(missing)
        except NotReconstructed as refused:
            tally.not_reconstructed += 1
            self.publish(EventNotReconstructed(entry, str(refused)))
            return
        except BaseException:
            tally.leave_open(entry)
            raise
        tally.reconstructed += 1
        self.publish(EventReconstructed(entry, missing.event_id))

    def _about_the_hook(
        self, since: datetime, until: datetime, event_types: tuple[str, ...]
    ) -> AsyncIterator[LogEntry]:
        wanted = about(self.hook.id, event_types)
        return self.log.entries(LogQuery(since=since, until=until, filter=wanted))

    def _query(self, window: Window) -> LogQuery:
        types = sorted(self.hook.events)
        wanted = is_one_of(tuple(types)) if len(types) <= _MOST_IN_A_FILTER else None
        return LogQuery(since=window.since, until=window.until, filter=wanted)


class SeenEvents:
    """The events that were already read, in bounded memory: 64 bits each."""

    def __init__(self) -> None:
        self._latest: set[int] = set()
        self._before: set[int] = set()

    def is_new(self, uuid: str) -> bool:
        """Return whether ``uuid`` is new, and remember it."""
        key = hash(uuid)
        if key in self._latest or key in self._before:
            return False
        if len(self._latest) >= _REMEMBERED:
            self._before, self._latest = self._latest, set()
        self._latest.add(key)
        return True
