"""The writer: one thread with the one connection that writes, fed by the event loop.

Records that arrive during a commit share the next one, and the cost of its sync. A whole group goes
to the thread and back at once, because passing on a single record costs more than writing it.

Between commits the thread finds duplicates and indexes words; see :mod:`.deriving`.
"""

import asyncio
import contextlib
import functools
import math
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from okhook.errors import StoreFailed
from okhook.records.record import NewRecord
from okhook.runtime.ids import utc_now
from okhook.store.contract import CommitCounters
from okhook.store.sqlite.connection import is_busy, store_failed
from okhook.store.sqlite.deriving import Pace, index, recognise
from okhook.store.sqlite.place import Place
from okhook.store.sqlite.receivers import named
from okhook.store.sqlite.reserve import set_aside
from okhook.store.sqlite.rows import INSERTED, Row, row_of

_MOST_IN_A_GROUP = 256
_MOST_BYTES_IN_A_GROUP = 8 << 20
_LET_GO_S = 0.00004
"""How long the loop releases the interpreter, so that the thread starts its commit at once.

Without this pause okhook takes a tenth fewer deliveries a second (measured).
"""

_LOOK_EVERY_S = 1.0
"""How often the store's log and the room on its disk are looked at."""

_MOST_TIMES_KEPT = 10_000
_MICROSECOND = timedelta(microseconds=1)

_ROWS_IN_A_STATEMENT = 32
"""A limit for memory: a prepared statement keeps the values that were bound to it."""

Act = Callable[[sqlite3.Connection], Any]


@dataclass(slots=True)
class _Waiting:
    """A record to append or an act to do, and the future of its result."""

    record: NewRecord | None
    act: Act | None
    done: "asyncio.Future[Any]"


_Outcome = tuple[_Waiting, Any, Exception | None]


class Writer:
    """Writes for the event loop of its creation, where it calls back, and derives in between."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        grown: Callable[[int], None],
        troubled: Callable[[StoreFailed], None],
        receiver: str | None = None,
    ) -> None:
        self._path = path
        self._connection = connection
        self._place = Place(path)
        self._is_in_place = True
        self._looked_at = -math.inf
        self._receiver = receiver
        self._receiver_id: int | None = None
        self.commits = CommitCounters()
        self._grown = grown
        self._troubled = troubled
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Waiting] = []
        self._handed_over: list[_Waiting] = []
        self._writing = False
        self._closed = False
        self._groups: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()
        self._recognising = Pace()
        self._indexing = Pace()
        self._recognised = 0
        self._commit_times: deque[tuple[int, int]] = deque(maxlen=_MOST_TIMES_KEPT)
        self._data_version: int | None = None
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="okhook-store")
        self._thread.start()

    def append(self, record: NewRecord) -> "asyncio.Future[int]":
        """Append a record; the future returns its ``seq`` after the commit."""
        return self._put(record, None)

    def act(self, act: Act) -> "asyncio.Future[Any]":
        """Do ``act`` in a transaction; the future returns its result after the commit."""
        return self._put(None, act)

    def take_no_more(self) -> None:
        """Refuse new records. Call this in the loop, before :meth:`close`."""
        self._closed = True
        if not self._writing:
            self._groups.put(None)

    def close(self) -> None:
        """Wait until everything is written, and close. Do not call this in the loop."""
        self._thread.join()
        self._connection.close()

    @property
    def lost_its_file(self) -> bool:
        """Whether the file that it writes to has no name any more."""
        return self._place.fault() is not None

    def _put(self, record: NewRecord | None, act: Act | None) -> "asyncio.Future[Any]":
        if self._closed:
            raise StoreFailed(f"the store {self._path} is closed")
        done = self._loop.create_future()
        self._waiting.append(_Waiting(record, act, done))
        if not self._writing:
            self._writing = True
            self._loop.call_soon(self._hand_over)
        return done

    def _hand_over(self) -> None:
        size, taken_bytes = 0, 0
        for waiting in self._waiting[:_MOST_IN_A_GROUP]:
            size += 1
            taken_bytes += len(waiting.record.request.body) if waiting.record else 0
            if taken_bytes > _MOST_BYTES_IN_A_GROUP:
                break
        self._handed_over, self._waiting = self._waiting[:size], self._waiting[size:]
        self._groups.put(self._handed_over)
        if taken_bytes:
            time.sleep(_LET_GO_S)

    def _written(self, outcomes: list[_Outcome]) -> None:
        for outcome in outcomes:
            _tell(*outcome)
        self._writing = bool(self._waiting)
        if self._writing:
            self._hand_over()
        elif self._closed:
            self._groups.put(None)

    def _died(self, error: BaseException) -> None:
        self._closed = True
        fault = StoreFailed(f"the store {self._path} has stopped writing", why=repr(error))
        for waiting in [*self._handed_over, *self._waiting]:
            _tell(waiting, None, fault)

    def _run(self) -> None:
        try:
            self._write_all()
        except BaseException as error:  # noqa: BLE001 - the waiting futures must fail
            self._in_loop(self._died, error)

    def _write_all(self) -> None:
        while True:
            try:
                group = self._groups.get(timeout=self._patience_s())
            except queue.Empty:
                if self._look() is None:
                    self._notice_others()
                    self._derive()
                continue
            if group is None:
                return
            self._in_loop(self._written, self._write(group))
            if time.monotonic() > self._looked_at + _LOOK_EVERY_S:
                self._look()
            if any(waiting.record for waiting in group):
                self._recognising.wrote(time.monotonic())
                self._indexing.wrote(time.monotonic())
            self._derive()

    def _patience_s(self) -> float:
        now = time.monotonic()
        waits = (self._recognising.patience_s(now), self._indexing.patience_s(now))
        return min(_LOOK_EVERY_S, *(wait_s for wait_s in waits if wait_s is not None), math.inf)

    def _look(self) -> StoreFailed | None:
        """Return the fault if the files are not in place; say it once."""
        self._looked_at = time.monotonic()
        fault = self._place.any_fault()
        if fault is not None and self._is_in_place:
            self._in_loop(self._troubled, fault)
        self._is_in_place = fault is None
        if self._is_in_place:
            set_aside(self._path)
        return fault

    def _write(self, group: list[_Waiting]) -> list[_Outcome]:
        """Write a group in one commit; if that fails, write each part by itself."""
        fault = self._place.fault() if self._is_in_place else self._look()
        if fault is not None:
            return [(waiting, None, fault) for waiting in group]
        began = time.monotonic()
        try:
            results = self._commit(group)
            self.commits.duration_s.note(time.monotonic() - began)
            self._place.wrote()
            self._note_times(group, results)
        except Exception as error:  # noqa: BLE001 - the waiting futures must fail
            self._roll_back()
            if len(group) > 1 and not is_busy(error):
                return [outcome for waiting in group for outcome in self._write([waiting])]
            self.commits.failed += 1
            return [(waiting, None, store_failed(self._path, error)) for waiting in group]
        return [(waiting, result, None) for waiting, result in zip(group, results, strict=True)]

    def _note_times(self, group: list[_Waiting], results: list[Any]) -> None:
        """Keep how long each record took from its reception, to store it with the next step."""
        now = utc_now()
        for waiting, seq in zip(group, results, strict=True):
            if waiting.record is not None:
                took = now - waiting.record.request.received_at
                self._commit_times.append((seq, took // _MICROSECOND))

    def _commit(self, group: list[_Waiting]) -> list[Any]:
        rows = [self._row(waiting.record) for waiting in group if waiting.record]
        if len(rows) == len(group) <= _ROWS_IN_A_STATEMENT:
            return self._insert(rows)
        self._connection.execute("BEGIN IMMEDIATE")
        seqs: list[int] = []
        for start in range(0, len(rows), _ROWS_IN_A_STATEMENT):
            seqs += self._insert(rows[start : start + _ROWS_IN_A_STATEMENT])
        in_order = iter(seqs)
        results = [w.act(self._connection) if w.act else next(in_order) for w in group]
        self._connection.execute("COMMIT")
        return results

    def _row(self, record: NewRecord) -> Row:
        if self._receiver_id is None:
            self._receiver_id = named(self._connection, self._receiver)
        return row_of(record, self._receiver_id)

    def _insert(self, rows: list[Row]) -> list[int]:
        """Insert with one statement, which is its own transaction if none is open."""
        cursor = self._connection.execute(
            _insert_of(len(rows)), [value for row in rows for value in row]
        )
        last = int(cursor.lastrowid or 0)
        return list(range(last - len(rows) + 1, last + 1))

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _derive(self) -> None:
        """Do one step of deriving, if one is due. Duplicates go first: screens wait for them."""
        began = time.monotonic()
        recognises = self._recognising.is_due(began)
        if not recognises and not self._indexing.is_due(began):
            return
        pace = self._recognising if recognises else self._indexing
        try:
            if recognises:
                progress = recognise(self._connection, self._commit_times)
                self._commit_times.clear()
            else:
                progress = index(self._connection)
        except Exception as error:  # noqa: BLE001 - the thread must go on
            self._roll_back()
            pace.failed(time.monotonic())
            self._tell_trouble(store_failed(self._path, error))
            return
        self._trouble = None
        ended = time.monotonic()
        complete = progress.is_recognised if recognises else progress.is_indexed
        pace.derived(ended, took_s=ended - began, complete=complete)
        if recognises:
            self._indexing.resume(began)
            if progress.recognised > self._recognised:
                self._recognised = progress.recognised
                self._in_loop(self._grown, progress.recognised)

    def _notice_others(self) -> None:
        """Derive again if another process wrote, so that its records are published here, too."""
        with contextlib.suppress(sqlite3.Error):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._data_version:
                self._data_version = version
                self._recognising.resume(time.monotonic())

    def _tell_trouble(self, error: StoreFailed) -> None:
        if self._trouble != error.what:
            self._trouble = error.what
            self._in_loop(self._troubled, error)

    def _in_loop(self, call: Callable[[Any], None], argument: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(call, argument)


def _tell(waiting: _Waiting, result: object, error: Exception | None) -> None:
    if waiting.done.done():
        return
    if error is None:
        waiting.done.set_result(result)
    else:
        waiting.done.set_exception(error)


@functools.cache
def _insert_of(count: int) -> str:
    row = f"({', '.join('?' * (INSERTED.count(',') + 1))})"
    return f"INSERT INTO record ({INSERTED}) VALUES {', '.join([row] * count)}"  # noqa: S608 - our own column names
