"""Reconcile again and again, also through outages of the org or the receiver."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

import anyio

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.okta.event_hooks import EventHook
from okhook.reconcile.activities import EventMissed, EventNotReconstructed, LookFailed, Tally
from okhook.reconcile.cursor import LATE_ENTRIES, Window
from okhook.reconcile.reconciler import Reconciler

_LONGEST_WAIT_S: Final = 300.0


async def watch(
    reconciler: Reconciler,
    first: Window,
    *,
    hook: Callable[[], Awaitable[EventHook]],
    every_s: float,
    now: Callable[[], datetime],
    pause: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> None:
    """Run every ``every_s`` seconds until cancelled.

    Each run starts at the first gap. A missed event is published once, and totals only if they
    changed. After an outage of the org or the receiver, the wait gets longer each time.

    Raises:
        OkhookError: an error that waiting does not fix; never ``Unavailable``.
    """
    newly_missed = _NewlyMissed(reconciler.publish)
    window, failures = first, 0
    while True:
        tally, wait_s = Tally(), every_s
        try:
            found = await replace(reconciler, hook=await hook(), publish=newly_missed).look(
                window, tally
            )
        except Unavailable as outage:
            failures += 1
            wait_s = back_off_s(failures, every_s)
            newly_missed.end_failed_run()
            reconciler.publish(LookFailed(now(), outage, wait_s))
        else:
            failures = 0
            if newly_missed.end_run():
                reconciler.publish(found)
        await pause(wait_s)
        window = _next_window(window, first, tally, now())


def back_off_s(failures: int, every_s: float) -> float:
    """Return the wait after this many failures in a row: twice as long each time."""
    longest_s = max(every_s, _LONGEST_WAIT_S)
    return float(min(every_s * 2 ** min(failures - 1, 16), longest_s))


def _next_window(window: Window, first: Window, tally: Tally, now: datetime) -> Window:
    """Return the next window: the gaps and the new entries, never before ``first``."""
    complete = window.complete_until(reached=tally.reached, unsettled=tally.unsettled)
    since = min(complete or window.since, now - LATE_ENTRIES)
    return replace(first, since=max(first.since, since), until=now)


class _NewlyMissed:
    """Publishes each missed event once, though several runs find it."""

    def __init__(self, publish: Callable[[Activity], None]) -> None:
        self._publish = publish
        self._before: set[str] = set()
        self._now: set[str] = set()
        self._has_news = True

    def __call__(self, activity: Activity) -> None:
        if isinstance(activity, EventMissed | EventNotReconstructed):
            self._now.add(activity.entry.uuid)
            if activity.entry.uuid in self._before:
                return
        self._has_news = True
        self._publish(activity)

    def end_run(self) -> bool:
        """Return whether anything new was published since the last successful run."""
        has_news, self._has_news = self._has_news, False
        self._before, self._now = self._now, set()
        return has_news

    def end_failed_run(self) -> None:
        """Keep what a failed run published."""
        self._has_news = True
        self._before |= self._now
        self._now = set()
