"""Limit the time for reading a body, with one timer for all bodies.

A timer for each body would be a tenth of the cost of a delivery.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, final

_LOOKS_PER_LIMIT = 10


@dataclass(eq=False, slots=True)
class Watched:
    """A body that ``task`` reads until ``deadline`` at the latest."""

    task: "asyncio.Task[Any]"
    deadline: float
    expired: bool = False


@final
class BodyDeadline:
    """Cancels a task that reads a body for longer than ``limit_s``, to a tenth of that."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._watched: dict[Watched, None] = {}
        self._looks = False

    def watch(self) -> Watched:
        """Start the time limit for the current task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("watch() needs a running task")
        loop = task.get_loop()
        watched = Watched(task, loop.time() + self._limit_s)
        self._watched[watched] = None
        if not self._looks:
            self._looks = True
            loop.call_later(self._limit_s / _LOOKS_PER_LIMIT, self._look, loop)
        return watched

    def leave(self, watched: Watched) -> None:
        """End the time limit."""
        self._watched.pop(watched, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for watched in [each for each in self._watched if each.deadline <= now]:
            watched.expired = True
            watched.task.cancel()
        self._looks = bool(self._watched)
        if self._looks:
            loop.call_later(self._limit_s / _LOOKS_PER_LIMIT, self._look, loop)
