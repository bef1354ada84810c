"""The store in one SQLite file, with one connection that writes and one that reads."""

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from okhook.errors import StoreFailed
from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.records.record import NewRecord, Record
from okhook.store.contract import CommitCounters, Hold, Store
from okhook.store.listeners import Listeners
from okhook.store.sqlite import ledger, receivers
from okhook.store.sqlite.connection import connect, connect_reading, named_faults
from okhook.store.sqlite.copying import refuse_unfinished
from okhook.store.sqlite.deriving import progress_of, rewrite_progress
from okhook.store.sqlite.forward_lock import held
from okhook.store.sqlite.rows import records_at
from okhook.store.sqlite.writer import Writer

T = TypeVar("T")


class _SqliteStore(Listeners):
    """Implements :class:`~okhook.store.contract.Store`."""

    def __init__(
        self,
        path: Path,
        receiver: str | None,
        writing: sqlite3.Connection,
        reading: sqlite3.Connection,
    ) -> None:
        super().__init__()
        self._path = path
        self._receiver = receiver
        self._reading = reading
        self._reading_alone = threading.Lock()
        self._writer = Writer(
            path, writing, grown=self._grown, trouble=self._trouble, receiver=receiver
        )

    @property
    def commits(self) -> CommitCounters:
        return self._writer.commits

    async def check_writable(self) -> None:
        await self._writer.act(rewrite_progress)

    async def append(self, record: NewRecord) -> int:
        seq = await self._writer.append(record)
        self._appended = max(self._appended, seq)
        return seq

    async def after(self, seq: int, limit: int) -> list[Record]:
        return await self._read(lambda c: receivers.own_after(c, self._receiver, seq, limit))

    async def count_after(self, seq: int) -> int:
        return await self._read(lambda c: receivers.count_after(c, self._receiver, seq))

    async def before_newest(self, count: int) -> int:
        return await self._read(lambda c: receivers.before_newest(c, self._receiver, count))

    async def duplicates_after(self, seq: int) -> tuple[int, int]:
        return await self._read(lambda c: receivers.duplicates_after(c, self._receiver, seq))

    async def last_seq(self) -> int:
        return await self._read(lambda connection: progress_of(connection).last_seq)

    async def records(self, seqs: Sequence[int], most_bytes: int) -> list[Record]:
        return await self._read(lambda connection: records_at(connection, seqs, most_bytes))

    async def open_target(self, url: str) -> Target:
        target: Target = await self._writer.act(
            lambda c: ledger.open_target(c, url, self._receiver)
        )
        return target

    async def skip_backlog(self, url: str) -> None:
        await self._writer.act(lambda c: ledger.skip_backlog(c, url, self._receiver))

    async def eligible(self, url: str, after_seq: int, limit: int, *, duplicates: bool) -> Eligible:
        return await self._read(
            lambda c: ledger.eligible(
                c, url, self._receiver, after_seq, limit, duplicates=duplicates
            )
        )

    async def waiting(self, url: str, limit: int) -> list[Forward]:
        return await self._read(lambda c: ledger.waiting(c, url, self._receiver, limit))

    def hold(self, url: str) -> AbstractAsyncContextManager[Hold]:
        return held(self._path, self._receiver, url)

    async def settle(
        self, attempt: Attempt, forward: Forward, *, cursor: int, hold: Hold | None = None
    ) -> None:
        del hold  # a lock cannot be lost
        await self._writer.act(lambda c: ledger.settle(c, attempt, forward, self._receiver, cursor))

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        await self._writer.act(lambda c: ledger.note(c, attempt, forward))

    async def advance(self, url: str, cursor: int, *, hold: Hold | None = None) -> None:
        del hold
        await self._writer.act(lambda c: ledger.advance(c, url, self._receiver, cursor))

    async def backlog(self, url: str, *, duplicates: bool) -> Backlog:
        return await self._read(
            lambda c: ledger.backlog(c, url, self._receiver, duplicates=duplicates)
        )

    async def oldest_unsent(self, url: str, *, duplicates: bool) -> datetime | None:
        return await self._read(
            lambda c: ledger.oldest_unsent(c, url, self._receiver, duplicates=duplicates)
        )

    async def backlogs_elsewhere(self, url: str, *, duplicates: bool) -> dict[str, Backlog]:
        return await self._read(
            lambda c: ledger.backlogs_elsewhere(c, url, self._receiver, duplicates=duplicates)
        )

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

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        def alone() -> T:
            with self._reading_alone, named_faults(self._path):
                return read(self._reading)

        return await anyio.to_thread.run_sync(alone)


def _connected(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        with named_faults(path):
            refuse_unfinished(path, connection)
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
