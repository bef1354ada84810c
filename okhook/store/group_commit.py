"""Hand what arrives in the event loop to a thread, a whole group at once, and its results back.

What arrives while a group is written shares the next one, and the cost of its commit. The thread
takes that group itself: it never waits for a busy event loop.
"""

import asyncio
import contextlib
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from okhook.errors import StoreEnded, StoreFailed
from okhook.store.contract import CommitCounters

T = TypeVar("T")

_MOST_IN_A_GROUP = 256
_MOST_BYTES_IN_A_GROUP = 8 << 20


@dataclass(slots=True)
class Waiting(Generic[T]):
    """What is to be written, the future of its result, and when it came by the loop's clock."""

    item: T
    done: "asyncio.Future[Any]"
    since: float


Outcome = tuple[Waiting[T], Any, Exception | None]


class GroupCommit(ABC, Generic[T]):
    """Writes for the event loop of its creation, in a thread of its own.

    The thread commits group after group, and calls :meth:`_between` in between. ``shown`` names
    the store. For the thread, ``idle_s`` is how long it had nothing to do before the last group.
    """

    def __init__(self, shown: str, commits: CommitCounters) -> None:
        self._shown = shown
        self.commits = commits
        self._loop = asyncio.get_running_loop()
        self.idle_s = 0.0
        self._waiting: deque[Waiting[T]] = deque()
        self._group: list[Waiting[T]] = []
        self._is_writing = False
        self._is_nudged = False
        self._lock = threading.Lock()
        self._closed = False
        self._signals: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="okhook-store")

    @abstractmethod
    def _commit(self, items: list[T]) -> Sequence[Any]:
        """Commit the items of a group, and return their results."""

    @abstractmethod
    def _is_fault_of_all(self, error: Exception) -> bool:
        """Return whether no item is at fault alone. Else each is committed by itself."""

    @abstractmethod
    def _fault(self, error: Exception) -> StoreFailed:
        """Return the error of what could not be committed."""

    @abstractmethod
    def _between(self, group: list[Waiting[T]] | None) -> None:
        """Act after a group; it is None if nothing came for :meth:`_patience_s`."""

    @abstractmethod
    def _patience_s(self) -> float:
        """Return how long to wait for the next group."""

    @abstractmethod
    def _size_bytes(self, item: T) -> int:
        """Return how large an item is."""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, item: T) -> "asyncio.Future[Any]":
        """Write ``item``; the future returns its result after the commit."""
        if self._closed:
            raise StoreEnded(f"the store {self._shown} is closed")
        waiting = Waiting(item, self._loop.create_future(), self._loop.time())
        with self._lock:
            self._waiting.append(waiting)
            begins, self._is_writing = not self._is_writing, True
        if begins:
            self._loop.call_soon(self._signals.put, True)
        return waiting.done

    def nudge(self) -> None:
        """Let the thread call ``between`` soon. This may be called from any thread."""
        if not self._is_nudged:
            self._is_nudged = True
            self._signals.put(True)

    def take_no_more(self) -> None:
        """Refuse new items. Call this in the loop, before :meth:`close`."""
        self._closed = True
        self._signals.put(False)

    def close(self) -> None:
        """Wait until everything is written. Do not call this in the loop."""
        self._thread.join()

    def in_loop(self, call: Callable[[Any], None], argument: object) -> None:
        """Call back in the loop, from the thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(call, argument)

    def unanswered(self) -> list[Waiting[T]]:
        """Return what waits, and what is being written now."""
        with self._lock:
            return [w for w in (*self._group, *self._waiting) if not w.done.done()]

    def forget_answered(self) -> None:
        """Write nothing of what has its answer already."""
        with self._lock:
            self._waiting = deque(w for w in self._waiting if not w.done.done())

    def _take(self) -> list[Waiting[T]]:
        """Return the next group. If there is none, the next item must wake the thread."""
        group: list[Waiting[T]] = []
        taken_bytes = 0
        with self._lock:
            while (
                self._waiting
                and len(group) < _MOST_IN_A_GROUP
                and taken_bytes <= _MOST_BYTES_IN_A_GROUP
            ):
                group.append(self._waiting.popleft())
                taken_bytes += self._size_bytes(group[-1].item)
            self._group, self._is_writing = group, bool(group)
        return group

    def _write(self, group: list[Waiting[T]]) -> list[Outcome[T]]:
        began = time.monotonic()
        try:
            results = self._commit([waiting.item for waiting in group])
        except Exception as error:  # noqa: BLE001 - the waiting futures must fail
            if len(group) > 1 and not self._is_fault_of_all(error):
                return [outcome for waiting in group for outcome in self._write([waiting])]
            self.commits.failed += 1
            fault = self._fault(error)
            return [(waiting, None, fault) for waiting in group]
        self.commits.duration_s.note(time.monotonic() - began)
        return [(waiting, result, None) for waiting, result in zip(group, results, strict=True)]

    def _written(self, outcomes: Sequence[Outcome[T]]) -> None:
        for outcome in outcomes:
            tell(*outcome)

    def _died(self, error: BaseException) -> None:
        self._closed = True
        fault = StoreEnded(f"the store {self._shown} has stopped writing", why=repr(error))
        for waiting in self.unanswered():
            tell(waiting, None, fault)

    def _run(self) -> None:
        try:
            self._write_all()
        except BaseException as error:  # noqa: BLE001 - the waiting futures must fail
            self.in_loop(self._died, error)

    def _write_all(self) -> None:
        goes_on, idle_s = True, 0.0
        while goes_on:
            since = time.monotonic()
            with contextlib.suppress(queue.Empty):
                goes_on = self._signals.get(timeout=self._patience_s())
            idle_s += time.monotonic() - since
            self._is_nudged = False
            group = self._take()
            if not group and goes_on:
                self._between(None)
            while group:
                self.idle_s, idle_s = idle_s, 0.0
                self.in_loop(self._written, self._write(group))
                self._between(group)
                group = self._take()


def tell(waiting: Waiting[Any], result: object, error: Exception | None) -> None:
    """Give ``waiting`` its result or its error, unless it has one."""
    if waiting.done.done():
        return
    if error is None:
        waiting.done.set_result(result)
    else:
        waiting.done.set_exception(error)
