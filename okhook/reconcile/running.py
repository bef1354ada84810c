"""One look at what a hook missed, from its history to the cursor; and again and again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, final

from okhook.activity import Activity
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import RETENTION_DAYS, SystemLogApi
from okhook.org import Org
from okhook.reconcile.activities import EventMissed, Reconciled
from okhook.reconcile.causes import Evidence, OrgLoad
from okhook.reconcile.cursor import ReconcileCursor
from okhook.reconcile.evidence import failures_of, history_of
from okhook.reconcile.expectation import Expectation
from okhook.reconcile.filters import filters_of
from okhook.reconcile.kept import KeptDeliveries
from okhook.reconcile.mending import Mender
from okhook.reconcile.reconciler import Reconciler, Window
from okhook.reconcile.tally import Tally
from okhook.runtime.uptime import Period

DEFAULT_SPAN: Final = timedelta(hours=24)
DEFAULT_GRACE: Final = timedelta(minutes=10)

_LATE_ENTRIES: Final = timedelta(minutes=10)
"""An entry may turn up in the log after younger ones, so the newest are looked at twice."""


@dataclass(frozen=True, slots=True)
class ReconcileParts:
    """What a run works with. ``periods`` tells when a receiver ran; ``at`` how far it has read."""

    org: Org
    hook: EventHook
    log: SystemLogApi
    kept: KeptDeliveries
    cursor: ReconcileCursor
    periods: Callable[[], Sequence[Period]]
    publish: Callable[[Activity], None]
    at: Callable[[datetime], None]
    mender: Mender | None


def window_of(
    cursor: ReconcileCursor,
    *,
    since: datetime | None,
    now: datetime,
    grace: timedelta,
    span: timedelta = DEFAULT_SPAN,
) -> Window:
    """Return what to look at: from ``since``, else ``span``, or more where a run left some open."""
    oldest = now - timedelta(days=RETENTION_DAYS)
    if since is None:
        since = min(now - span, cursor.read() or now)
    return Window(since=max(since, oldest), until=now, grace=grace)


async def reconcile_once(
    parts: ReconcileParts, window: Window, *, as_if_active: bool
) -> Reconciled:
    """Look at ``window``, tell of what was missed, and return what it came to.

    The cursor moves as far as the look came, also where it ends before its time.

    Raises:
        OkhookError: the log or the store cannot be read, or the receiver does not take what is
            rebuilt.

    """
    history = await history_of(parts.hook, parts.log, now=window.until)
    failures = await failures_of(parts.hook, parts.log, since=window.since, until=window.until)
    filters, unread = filters_of(parts.hook)
    tally = Tally()
    reconciler = Reconciler(
        parts.org,
        parts.hook,
        parts.log,
        parts.kept,
        Expectation(parts.hook, history, filters, as_if_active=as_if_active),
        Evidence(
            history=history,
            failures=failures,
            load=OrgLoad(),
            periods=parts.periods(),
            refused_near=parts.kept.refused_near,
            unread_filters=unread,
        ),
        publish=parts.publish,
        at=parts.at,
        mender=parts.mender,
    )
    try:
        return await reconciler.run(window, tally)
    finally:
        _move(parts.cursor, window, tally)


async def reconcile_again_and_again(
    parts: ReconcileParts,
    first: Window,
    *,
    as_if_active: bool,
    pause: Callable[[], Awaitable[None]],
    now: Callable[[], datetime],
) -> None:
    """Look, wait, and look again from where something is open, until cancelled.

    What is still missed is not told again, and a look that brought nothing new is not either.
    """
    told = _ToldOnce(parts.publish)
    steady = replace(parts, publish=told)
    window = first
    before: Reconciled | None = None
    while True:
        found = await reconcile_once(steady, window, as_if_active=as_if_active)
        if before is None or told.told_anew:
            parts.publish(found)
        before = found
        told.next_look()
        await pause()
        window = window_of(
            parts.cursor, since=None, now=now(), grace=first.grace, span=_LATE_ENTRIES
        )


def _move(cursor: ReconcileCursor, window: Window, tally: Tally) -> None:
    """Have the next run begin where this one left something open.

    A look that began after the cursor says nothing of what lies between, unless the log has that
    no more.
    """
    known = cursor.read()
    complete = known
    oldest = window.until - timedelta(days=RETENTION_DAYS)
    leaves_a_gap = known is not None and max(known, oldest) < window.since
    if tally.reached is not None and not leaves_a_gap:
        complete = max(tally.reached - _LATE_ENTRIES, window.since)
    if tally.unsettled is not None:
        complete = min(complete or tally.unsettled, tally.unsettled)
    if complete is not None and complete != known:
        cursor.write(complete)


@final
class _ToldOnce:
    """Publishes an event that is missed once, however many looks find it missing."""

    def __init__(self, publish: Callable[[Activity], None]) -> None:
        self._publish = publish
        self._before: frozenset[str] = frozenset()
        self._now: set[str] = set()
        self.told_anew = False

    def __call__(self, activity: Activity) -> None:
        if isinstance(activity, EventMissed):
            self._now.add(activity.entry.uuid)
            if activity.entry.uuid in self._before:
                return
        self.told_anew = True
        self._publish(activity)

    def next_look(self) -> None:
        """Begin another look."""
        self._before, self._now, self.told_anew = frozenset(self._now), set(), False
