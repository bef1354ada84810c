"""The store in one SQLite file, with one connection that writes and one that reads."""

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from okhook.errors import StoreFailed
from okhook.store.contract import Lease, Store
from okhook.store.copying import refuse_unfinished
from okhook.store.sql_store import SqlStore
from okhook.store.sqlite.connection import connect, connect_reading, named_faults
from okhook.store.sqlite.forward_lock import lease
from okhook.store.sqlite.writer import Writer

T = TypeVar("T")


class _SqliteStore(SqlStore[sqlite3.Connection]):
    """Implements :class:`~okhook.store.contract.Store`."""

    def __init__(
        self,
        path: Path,
        receiver: str | None,
        writing: sqlite3.Connection,
        reading: sqlite3.Connection,
    ) -> None:
        super().__init__(receiver)
        self._path = path
        self._reading = reading
        self._reading_alone = threading.Lock()
        self._writer = Writer(path, writing, self._trouble, self.commits, self._grown, receiver)
        self._append = self._change = self._writer.put

    def lease(self, url: str) -> AbstractAsyncContextManager[Lease]:
        return lease(self._path, self.receiver, url)

    def holds(self, connection: sqlite3.Connection, lease: Lease) -> bool:
        del connection, lease  # a lock cannot be lost
        return True

    async def close(self) -> None:
        """Write what is queued, and close the file."""
        self._writer.take_no_more()
        await anyio.to_thread.run_sync(self._close)

    def _close(self) -> None:
        if self._writer.lost_its_file:
            # As the last connection, it would delete the log of the file that has its name now.
            self._writer.close()
        with self._reading_alone:
            self._reading.close()
        self._writer.close()

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Implement the base class."""

        def alone() -> T:
            with self._reading_alone, named_faults(self._path):
                return query(self._reading)

        return await anyio.to_thread.run_sync(alone)


def _connected(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        with named_faults(path):
            refuse_unfinished(connection, str(path))
    except StoreFailed:
        connection.close()
        raise
    return connection


@asynccontextmanager
async def sqlite_store(path: Path, receiver: str | None) -> AsyncIterator[Store]:
    """Implement :func:`okhook.store.open.open_store`."""
    writing = await anyio.to_thread.run_sync(_connected, path)
    try:
        reading = await anyio.to_thread.run_sync(connect_reading, path)
    except StoreFailed:
        writing.close()
        raise
    store = _SqliteStore(path, receiver, writing, reading)
    try:
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await store.close()
