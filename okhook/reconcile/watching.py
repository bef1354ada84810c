"""Look again and again at what a hook missed, also through outages of the org or the receiver."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, final

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.okta.event_hooks import EventHook
from okhook.reconcile.activities import EventMissed, EventNotReconstructed, LookFailed
from okhook.reconcile.reconciler import Window
from okhook.reconcile.running import (
    LATE_ENTRIES,
    ReconcileParts,
    complete_until,
    reconcile_once,
)
from okhook.reconcile.tally import Tally

_LONGEST_WAIT_S: Final = 300.0


async def reconcile_again_and_again(
    parts: ReconcileParts,
    first: Window,
    *,
    as_if_active: bool,
    hook: Callable[[], Awaitable[EventHook]],
    every_s: float,
    pause: Callable[[float], Awaitable[None]],
    now: Callable[[], datetime],
) -> None:
    """Look, wait, and look again from where something is open, until cancelled.

    ``hook`` returns the hook as it is by then. What is still missed is not told again, and a look
    that brought nothing new is not either. Where nobody answers, that is told, and the next look
    waits for longer each time.

    Raises:
        OkhookError: something that does not heal by itself; never ``Unavailable``.

    """
    told = _ToldOnce(parts.publish)
    window, failures = first, 0
    while True:
        tally, wait_s = Tally(), every_s
        try:
            steady = replace(parts, hook=await hook(), publish=told)
            found = await reconcile_once(steady, window, as_if_active=as_if_active, tally=tally)
        except Unavailable as outage:
            failures += 1
            wait_s = back_off_s(failures, every_s)
            told.look_failed()
            parts.publish(LookFailed(now(), outage, wait_s))
        else:
            failures = 0
            if told.look_ended():
                parts.publish(found)
        await pause(wait_s)
        window = _next_window(window, first, tally, now())


def back_off_s(failures: int, every_s: float) -> float:
    """Return how long to wait after so many failures in a row (1 …): twice as long each time."""
    longest_s = max(every_s, _LONGEST_WAIT_S)
    return float(min(every_s * 2 ** min(failures - 1, 16), longest_s))


def _next_window(window: Window, first: Window, tally: Tally, now: datetime) -> Window:
    """Return what to look at next: what is open and what is new, of what was asked for at first."""
    open_from = complete_until(window, tally) or window.since
    return replace(first, since=max(first.since, min(open_from, now - LATE_ENTRIES)), until=now)


@final
class _ToldOnce:
    """Publishes what there is to say of a missed event once, however many looks find it missing."""

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

    def look_ended(self) -> bool:
        """Begin another look; tell whether this one, or one that failed before it, brought news."""
        has_news, self._has_news = self._has_news, False
        self._before, self._now = self._now, set()
        return has_news

    def look_failed(self) -> None:
        """Begin another look after one that did not come to all that is missed."""
        self._has_news = True
        self._before |= self._now
        self._now = set()
