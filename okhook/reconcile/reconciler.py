"""Hold the System Log against the store, page by page: nothing is gathered but counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import final

from okhook.activity import Activity
from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry
from okhook.okta.system_log import LogQuery, SystemLogApi, is_one_of
from okhook.reconcile.activities import (
    EventMissed,
    EventNotReconstructed,
    EventReconstructed,
    Reconciled,
)
from okhook.reconcile.causes import Evidence, likely_cause
from okhook.reconcile.expectation import Expectation, Verdict
from okhook.reconcile.mending import Mender, NotReconstructed
from okhook.reconcile.once import Once
from okhook.reconcile.rebuild import reconstruction
from okhook.reconcile.tally import Fate, Tally, fate_of
from okhook.wire.org import Org

_MOST_IN_A_FILTER = 10
"""Event types that a question names; beyond that the whole log is read, and looked through here."""


Carrying = Callable[[Sequence[str]], Mapping[str, tuple[int, ...]]]
"""Returns the ``seq`` of the deliveries that carry each of these events, by uuid."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at: from ``since`` to ``until``; what is younger than ``grace`` may come."""

    since: datetime
    until: datetime
    grace: timedelta

    @property
    def missed_before(self) -> datetime:
        """What happened before this moment and is not here is missed."""
        try:
            return self.until - self.grace
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)


@final
class Reconciler:
    """Finds what one hook missed. ``publish`` is told of each missed event at once.

    With a ``mender`` each of them is rebuilt and taken in, or passed over where no receiver would
    ever take it. ``at`` is told how far in time the log is read.
    """

    def __init__(
        self,
        org: Org,
        hook: EventHook,
        log: SystemLogApi,
        carrying: Carrying,
        expectation: Expectation,
        evidence: Evidence,
        *,
        publish: Callable[[Activity], None],
        at: Callable[[datetime], None],
        mender: Mender | None,
    ) -> None:
        self._org = org
        self._hook = hook
        self._log = log
        self._carrying = carrying
        self._expectation = expectation
        self._evidence = evidence
        self._publish = publish
        self._at = at
        self._mender = mender

    async def run(self, window: Window, tally: Tally) -> Reconciled:
        """Look at all of ``window``, and return what it came to; ``tally`` counts on the way.

        Raises:
            OkhookError: the log cannot be read, or the receiver does not take what is rebuilt.

        """
        once = Once()
        async for page in self._log.pages(self._query(window)):
            fresh = [entry for entry in page.entries if once.is_new(entry.uuid)]
            await self._judge(fresh, window, tally)
            if page.entries:
                tally.reached = page.entries[-1].published
                self._at(tally.reached)
        tally.reached = window.until
        return Reconciled(
            org=self._org.url,
            hook_id=self._hook.id,
            since=window.since,
            until=window.until,
            read=tally.read,
            total=tally.total,
            passed_by=tally.passed_by,
            reconstructed=tally.reconstructed,
            not_reconstructed=tally.not_reconstructed,
            cells=tally.cells,
        )

    async def _judge(self, entries: Sequence[LogEntry], window: Window, tally: Tally) -> None:
        expected: list[LogEntry] = []
        for entry in entries:
            tally.read += 1
            if entry.hook_ids:
                self._evidence.load.count(entry)
            verdict = self._expectation.verdict(entry)
            if verdict is Verdict.EXPECTED:
                expected.append(entry)
            elif verdict is Verdict.PASSED_BY:
                tally.passed_by += 1
        carried = self._carrying([entry.uuid for entry in expected])
        for entry in expected:
            copies = len(carried.get(entry.uuid, ()))
            fate = fate_of(entry, copies, missed_before=window.missed_before)
            tally.count(entry, fate)
            if fate is Fate.PENDING:
                tally.leave_open(entry)
            elif fate is Fate.MISSED:
                await self._missed(entry, tally)

    async def _missed(self, entry: LogEntry, tally: Tally) -> None:
        self._publish(EventMissed(entry, likely_cause(entry, self._evidence)))
        if self._mender is None:
            tally.leave_open(entry)
            return
        missing = reconstruction(entry, self._hook, self._org)
        try:
            await self._mender.mend(missing)
        except NotReconstructed as refused:
            tally.not_reconstructed += 1
            self._publish(EventNotReconstructed(entry, str(refused)))
            return
        except BaseException:
            tally.leave_open(entry)
            raise
        tally.reconstructed += 1
        self._publish(EventReconstructed(entry, missing.event_id))

    def _query(self, window: Window) -> LogQuery:
        types = sorted(self._hook.events)
        wanted = is_one_of(tuple(types)) if len(types) <= _MOST_IN_A_FILTER else None
        return LogQuery(since=window.since, until=window.until, filter=wanted)
