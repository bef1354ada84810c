"""The writer: one thread with the one connection that writes, fed by the event loop.

Between commits the thread finds duplicates and indexes words; see :mod:`.deriving`.
"""

import contextlib
import functools
import math
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from okhook.errors import StoreFailed
from okhook.records.record import NewRecord
from okhook.runtime.ids import utc_now
from okhook.store.contract import CommitCounters
from okhook.store.deriver import COMMIT_TIMES_KEPT, Deriver
from okhook.store.group_commit import GroupCommit, Waiting
from okhook.store.progress import Progress
from okhook.store.receivers import named
from okhook.store.rows import INSERTED, Row, row_of
from okhook.store.sqlite.connection import is_busy, store_failed, transaction
from okhook.store.sqlite.deriving import index, recognise
from okhook.store.sqlite.file_identity import FileIdentity
from okhook.store.sqlite.reserve import set_aside
from okhook.store.trouble import Trouble

_LOOK_EVERY_S = 1.0
"""How often the store's log and the room on its disk are looked at."""

_FILES = "files"
"""The part of the store that fails while its file is gone."""

_MICROSECOND = timedelta(microseconds=1)

_ROWS_IN_A_STATEMENT = 32
"""A limit for memory: a prepared statement keeps the values that were bound to it."""

Change = Callable[[sqlite3.Connection], Any]
_Item = NewRecord | Change


class Writer(GroupCommit[_Item]):
    """Writes for the event loop of its creation, where it calls back, and derives in between."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        trouble: Trouble,
        commits: CommitCounters,
        grown: Callable[[int], None],
        receiver: str | None,
    ) -> None:
        super().__init__(str(path), commits)
        self._path = path
        self._connection = connection
        self._files = FileIdentity(path)
        self._looked_at = -math.inf
        self._receiver = receiver
        self._receiver_id: int | None = None
        self._trouble = trouble
        self._commit_times: deque[tuple[int, int]] = deque(maxlen=COMMIT_TIMES_KEPT)
        self._data_version: int | None = None
        self._deriver = Deriver(
            recognise=self._recognise,
            index=lambda: index(connection),
            grown=lambda seq: self.in_loop(grown, seq),
            trouble=trouble,
            fault=self._fault,
        )
        self.start()

    def close(self) -> None:
        """Wait until everything is written, and close the connection."""
        super().close()
        self._connection.close()

    @property
    def lost_its_file(self) -> bool:
        """Whether the file that it writes to has no name any more."""
        return self._files.is_lost

    def _between(self, group: list[Waiting[_Item]] | None) -> None:
        if group is None:
            if self._look() is None:
                self._notice_others()
                self._deriver.derive()
            return
        if time.monotonic() > self._looked_at + _LOOK_EVERY_S:
            self._look()
        if any(isinstance(waiting.item, NewRecord) for waiting in group):
            self._deriver.wrote(idle_s=self.idle_s)
        self._deriver.derive()

    def _patience_s(self) -> float:
        return min(_LOOK_EVERY_S, self._deriver.patience_s())

    def _look(self) -> StoreFailed | None:
        """Return the fault if the files are not in place; say it once."""
        self._looked_at = time.monotonic()
        fault = self._files.any_fault(self._connection)
        if fault is not None:
            self._trouble.failed(_FILES, fault)
            return fault
        self._trouble.worked(_FILES)
        set_aside(self._path)
        return None

    def _is_fault_of_all(self, error: Exception) -> bool:
        return isinstance(error, StoreFailed) or is_busy(error)

    def _fault(self, error: Exception) -> StoreFailed:
        return store_failed(self._path, error)

    def _size_bytes(self, item: _Item) -> int:
        return len(item.request.body) if isinstance(item, NewRecord) else 0

    def _commit(self, items: list[_Item]) -> list[Any]:
        is_failing = self._trouble.is_failing(_FILES)
        fault = self._look() if is_failing else self._files.fault(self._connection)
        if fault is not None:
            raise fault
        results = self._committed(items)
        self._files.wrote()
        self._note_times(items, results)
        return results

    def _note_times(self, items: list[_Item], results: list[Any]) -> None:
        """Keep how long each record took from its reception, to store it with the next step."""
        now = utc_now()
        for item, seq in zip(items, results, strict=True):
            if isinstance(item, NewRecord):
                took = now - item.request.received_at
                self._commit_times.append((seq, took // _MICROSECOND))

    def _committed(self, items: list[_Item]) -> list[Any]:
        rows = [self._row(item) for item in items if isinstance(item, NewRecord)]
        if len(rows) == len(items) <= _ROWS_IN_A_STATEMENT:
            return self._insert(rows)
        with transaction(self._connection):
            seqs: list[int] = []
            for start in range(0, len(rows), _ROWS_IN_A_STATEMENT):
                seqs += self._insert(rows[start : start + _ROWS_IN_A_STATEMENT])
            in_order = iter(seqs)
            return [
                next(in_order) if isinstance(item, NewRecord) else item(self._connection)
                for item in items
            ]

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

    def _recognise(self) -> Progress:
        progress = recognise(self._connection, self._commit_times)
        self._commit_times.clear()
        return progress

    def _notice_others(self) -> None:
        """Derive again if another process wrote, so that its records are published here, too."""
        with contextlib.suppress(sqlite3.Error):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._data_version:
                self._data_version = version
                self._deriver.resume()


@functools.cache
def _insert_of(count: int) -> str:
    row = f"({', '.join('?' * (INSERTED.count(',') + 1))})"
    return f"INSERT INTO record ({INSERTED}) VALUES {', '.join([row] * count)}"  # noqa: S608 - our own column names
