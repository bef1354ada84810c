"""Limit the time that a body may take, with one timer for all bodies.

A timer for each would be a tenth of what a delivery costs, and nearly every body is there at once.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, final

_LOOKS_PER_LIMIT = 10
"""How exact the limit is: to a tenth of it."""


@dataclass(eq=False, slots=True)
class Watched:
    """A body that is being read by ``task``, until ``deadline`` at the latest."""

    task: "asyncio.Task[Any]"
    deadline: float
    expired: bool = False


@final
class BodyDeadline:
    """Cancels a task that reads a body for longer than ``limit_s``."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._watched: dict[Watched, None] = {}
        self._looks = False

    def watch(self) -> Watched:
        """Limit the time of the body that this task begins to read."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a body is read outside of a task")
        loop = task.get_loop()
        watched = Watched(task, loop.time() + self._limit_s)
        self._watched[watched] = None
        if not self._looks:
            self._looks = True
            loop.call_later(self._limit_s / _LOOKS_PER_LIMIT, self._look, loop)
        return watched

    def leave(self, watched: Watched) -> None:
        """End the watch: the body was read, or will not be."""
        self._watched.pop(watched, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for watched in [each for each in self._watched if each.deadline <= now]:
            watched.expired = True
            watched.task.cancel()
        self._looks = bool(self._watched)
        if self._looks:
            loop.call_later(self._limit_s / _LOOKS_PER_LIMIT, self._look, loop)
