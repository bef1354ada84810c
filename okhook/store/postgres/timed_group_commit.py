"""Group commit whose callers wait for a limited time, whatever the database does."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from okhook.errors import StoreFailed
from okhook.store.group_commit import GroupCommit, Outcome, tell

T = TypeVar("T")


class TimedGroupCommit(GroupCommit[T]):
    """Fails what waited for ``within_s`` with the error of ``late``, which may stop the thread."""

    def __init__(
        self,
        shown: str,
        *,
        within_s: float,
        late: Callable[[], StoreFailed],
        **options: Any,  # noqa: ANN401 - as GroupCommit takes them
    ) -> None:
        super().__init__(shown, **options)
        self._within_s = within_s
        self._late = late
        self._alarm: asyncio.TimerHandle | None = None

    def _hand_over(self) -> None:
        super()._hand_over()
        self._set_alarm()

    def _written(self, outcomes: Sequence[Outcome[T]]) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        super()._written(outcomes)

    def _set_alarm(self) -> None:
        since = min(
            (w.since for w in (*self._handed_over, *self._waiting) if not w.done.done()),
            default=None,
        )
        if since is not None:
            self._alarm = self._loop.call_at(since + self._within_s, self._out_of_time)

    def _out_of_time(self) -> None:
        error, now = self._late(), self._loop.time()
        for waiting in (*self._handed_over, *self._waiting):
            if waiting.since + self._within_s <= now:
                tell(waiting, None, error)
        self._waiting = [waiting for waiting in self._waiting if not waiting.done.done()]
        self._set_alarm()
