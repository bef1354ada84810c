"""One look at what a hook missed, from its history to the cursor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from okhook.activity import Activity
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import RETENTION_DAYS, SystemLogApi
from okhook.reconcile.activities import Reconciled
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
from okhook.wire.org import Org

DEFAULT_SPAN: Final = timedelta(hours=24)
DEFAULT_GRACE: Final = timedelta(minutes=10)

LATE_ENTRIES: Final = timedelta(minutes=10)
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
) -> Window:
    """Return what to look at: from ``since``, else a day, or more where a run left some open."""
    if since is None:
        since = min(now - DEFAULT_SPAN, cursor.read() or now)
    return Window(since=max(since, _oldest(now)), until=now, grace=grace)


async def reconcile_once(
    parts: ReconcileParts, window: Window, *, as_if_active: bool, tally: Tally | None = None
) -> Reconciled:
    """Look at ``window``, tell of what was missed, and return what it came to.

    The cursor moves as far as the look came, also where it ends before its time; a fresh ``tally``
    tells then how far that was.

    Raises:
        OkhookError: the log or the store cannot be read, or the receiver does not take what is
            rebuilt.

    """
    history = await history_of(parts.hook, parts.log, now=window.until)
    failures = await failures_of(parts.hook, parts.log, since=window.since, until=window.until)
    filters, unread = filters_of(parts.hook)
    if tally is None:
        tally = Tally()
    reconciler = Reconciler(
        parts.org,
        parts.hook,
        parts.log,
        parts.kept.carrying,
        Expectation(parts.hook, history, filters, as_if_active=as_if_active),
        Evidence(
            history=history,
            failures=failures,
            load=OrgLoad(),
            periods=parts.periods(),
            refusals=cache(lambda: parts.kept.refusals(window.since)),
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


def complete_until(window: Window, tally: Tally) -> datetime | None:
    """Return the moment before which a look left nothing open; None where it came nowhere."""
    if tally.reached is None:
        return None if tally.unsettled is None else window.since
    complete = max(tally.reached - LATE_ENTRIES, window.since)
    return complete if tally.unsettled is None else min(complete, tally.unsettled)


def _move(cursor: ReconcileCursor, window: Window, tally: Tally) -> None:
    """Have the next run begin where this one left something open.

    A look that began after the cursor says nothing of what lies between, unless the log has that
    no more.
    """
    known = cursor.read()
    leaves_a_gap = known is not None and max(known, _oldest(window.until)) < window.since
    complete = complete_until(window, tally)
    if complete is not None and complete != known and not leaves_a_gap:
        cursor.write(complete)


def _oldest(now: datetime) -> datetime:
    return now - timedelta(days=RETENTION_DAYS)
