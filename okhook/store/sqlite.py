"""The store in one SQLite file: WAL, ``synchronous=FULL``, one writer thread.

Whatever waits while a commit is under way goes into the next one together, so that many deliveries
share the cost of one sync. An append returns after its commit and never before.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import final

import anyio.to_thread

from okhook.errors import StoreFailed
from okhook.record import Appended, NewRecord, Record
from okhook.store.rows import COLUMNS, INSERT, record_of, row_of
from okhook.store.schema import bring_up_to_date

BUSY_TIMEOUT_S = 2.0
"""How long a writer waits for another process's. Okta gives the whole answer 3 seconds."""

_MOST_IN_A_COMMIT = 256


@dataclass(frozen=True, slots=True)
class _Append:
    record: NewRecord
    done: "Future[Appended]"


@final
class SqliteStore:
    """A :class:`~okhook.store.protocol.Store` in the file ``path``; made by :func:`open_store`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._waiting: queue.SimpleQueue[_Append | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="okhook-store")
        self._closed = False

    async def append(self, record: NewRecord) -> Appended:
        """Keep ``record``; the commit is on the disk when this returns."""
        if self._closed:
            raise StoreFailed(f"{self._path} is closed")
        done: Future[Appended] = Future()
        self._waiting.put(_Append(record, done))
        return await asyncio.wrap_future(done)

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records after ``seq``, through a connection that only reads."""
        return await anyio.to_thread.run_sync(read_after, self._path, seq, limit)

    async def last_seq(self) -> int:
        """Return the newest ``seq``, 0 where there is none."""
        return await anyio.to_thread.run_sync(read_last_seq, self._path)

    def start(self) -> None:
        """Start the writer thread."""
        self._writer.start()

    def close(self) -> None:
        """Write what waits, end the writer and close the file."""
        self._closed = True
        self._waiting.put(None)
        self._writer.join()
        self._connection.close()

    def _write(self) -> None:
        ended = False
        while not ended:
            batch, ended = self._next_batch()
            claimed = [append for append in batch if append.done.set_running_or_notify_cancel()]
            if claimed:
                self._commit(claimed)

    def _next_batch(self) -> tuple[list[_Append], bool]:
        """Wait for the first append, and take those that already wait behind it."""
        batch: list[_Append] = []
        append = self._waiting.get()
        while append is not None:
            batch.append(append)
            if len(batch) == _MOST_IN_A_COMMIT:
                return batch, False
            try:
                append = self._waiting.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[_Append]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            appended = [_insert(self._connection, append.record) for append in batch]
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whoever waits must learn of any fault
            self._roll_back()
            failed = _store_failed(self._path, error)
            for append in batch:
                append.done.set_exception(failed)
            return
        for append, result in zip(batch, appended, strict=True):
            append.done.set_result(result)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


@asynccontextmanager
async def open_store(path: Path) -> AsyncIterator[SqliteStore]:
    """Open the store in ``path``, made where there is none, for as long as the block lasts.

    Raises:
        StoreFailed: it cannot be opened, is damaged, or belongs to a newer okhook or another
            program. A damaged file is left as it is.

    """
    connection = await anyio.to_thread.run_sync(_connect, path)
    store = SqliteStore(path, connection)
    store.start()
    try:
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(store.close)


def read_after(path: Path, seq: int, limit: int) -> list[Record]:
    """Return up to ``limit`` records after ``seq``. For readers in any process."""
    query = f"SELECT {COLUMNS} FROM record WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - our own column names
    try:
        with closing(_reader(path)) as connection:
            return [record_of(row) for row in connection.execute(query, (seq, limit))]
    except sqlite3.Error as error:
        raise _store_failed(path, error) from error


def read_last_seq(path: Path) -> int:
    """Return the newest ``seq``, 0 where there is none."""
    try:
        with closing(_reader(path)) as connection:
            return int(connection.execute("SELECT ifnull(max(seq), 0) FROM record").fetchone()[0])
    except sqlite3.Error as error:
        raise _store_failed(path, error) from error


def _insert(connection: sqlite3.Connection, record: NewRecord) -> Appended:
    duplicate_of = _first_seen(connection, record)
    cursor = connection.execute(INSERT, row_of(record, duplicate_of))
    seq = int(cursor.lastrowid or 0)
    connection.executemany(
        "INSERT OR IGNORE INTO event (uuid, seq) VALUES (?, ?)",
        [(uuid, seq) for uuid in record.event_uuids],
    )
    return Appended(seq, duplicate_of)


def _first_seen(connection: sqlite3.Connection, record: NewRecord) -> int | None:
    """Return the ``seq`` of the delivery that ``record`` repeats.

    It repeats one with the same ``eventId``, or ones that held each of its events already. A
    delivery with one new event among known ones is new.
    """
    if record.event_id is not None:
        row = connection.execute(
            "SELECT min(seq) FROM record WHERE event_id = ?", (record.event_id,)
        ).fetchone()
        if row[0] is not None:
            return int(row[0])
    seen = [
        connection.execute("SELECT seq FROM event WHERE uuid = ?", (uuid,)).fetchone()
        for uuid in record.event_uuids
    ]
    if not seen or None in seen:
        return None
    return min(int(row[0]) for row in seen)


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as error:
        raise _store_failed(path, error) from error
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        bring_up_to_date(connection, str(path))
    except sqlite3.Error as error:
        connection.close()
        raise _store_failed(path, error) from error
    except StoreFailed:
        connection.close()
        raise
    return connection


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)


def _store_failed(path: Path, error: Exception) -> StoreFailed:
    """Name the fault of the file in words, with what can be done about it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(
            f"the store {path} is damaged, and was left as it is",
            why=str(error),
            next_step="move it away to start a new one; `sqlite3 FILE .recover` may save its rows",
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreFailed(
            f"the store {path} cannot grow", why=str(error), next_step="make room on the disk"
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreFailed(
            f"the store {path} is held by another process", next_step="end it, or try again"
        )
    return StoreFailed(
        f"the store {path} cannot be used",
        why=getattr(error, "strerror", None) or str(error),
        next_step="see that the directory can be written, or set OKHOOK_HOME to another one",
    )
