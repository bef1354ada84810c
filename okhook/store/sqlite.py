"""The store in one SQLite file: WAL, ``synchronous=FULL``, one thread that writes, one that reads.

An append returns after its commit and never before.
"""

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar, final

import anyio
import anyio.to_thread

from okhook.errors import StoreFailed
from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.records.record import NewRecord, Record
from okhook.store import ledger
from okhook.store.connecting import connect, connect_reading
from okhook.store.deriving import progress_of
from okhook.store.faults import named_faults
from okhook.store.records import record_at, records_after
from okhook.store.writer import Writer

T = TypeVar("T")


@final
class SqliteStore:
    """A :class:`~okhook.store.contract.Store` in the file ``path``; made by :func:`open_store`."""

    def __init__(
        self, path: Path, writing: sqlite3.Connection, reading: sqlite3.Connection
    ) -> None:
        self._path = path
        self._reading = reading
        self._reading_alone = threading.Lock()
        self._growth_listeners: list[Callable[[int], None]] = []
        self._trouble_listeners: list[Callable[[StoreFailed], None]] = []
        self._appended = 0
        self._recognised = 0
        self._grew = anyio.Event()
        self._writer = Writer(path, writing, self)

    async def append(self, record: NewRecord) -> int:
        """Keep ``record``; the commit is on the disk when this returns."""
        seq = await self._writer.append(record)
        self._appended = max(self._appended, seq)
        return seq

    def on_growth(self, told: Callable[[int], None]) -> None:
        """Have ``told`` called in the event loop, with the newest ``seq``, when there are more."""
        self._growth_listeners.append(told)

    def on_trouble(self, told: Callable[[StoreFailed], None]) -> None:
        """Have ``told`` called in the event loop when deriving fails for now."""
        self._trouble_listeners.append(told)

    async def settled(self) -> int:
        """Wait until the duplicates of all that was appended here are known."""
        while self._recognised < self._appended:
            self._grew = anyio.Event()
            await self._grew.wait()
        return self._recognised

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records after ``seq`` whose duplicates are known."""
        return await self._read(lambda connection: records_after(connection, seq, limit))

    async def last_seq(self) -> int:
        """Return the newest ``seq``, 0 where there is none."""
        return await self._read(lambda connection: progress_of(connection).last_seq)

    async def record(self, seq: int) -> Record | None:
        """Return a record, or None where it was pruned."""
        return await self._read(lambda connection: record_at(connection, seq))

    async def open_target(self, url: str) -> Target:
        """Return what is known of a target; a new one begins after the newest record."""
        target: Target = await self._writer.act(lambda c: ledger.open_target(c, url))
        return target

    async def eligible(self, url: str, after_seq: int, limit: int, *, duplicates: bool) -> Eligible:
        """Return deliveries after ``after_seq`` that the target was not sent yet, in order."""
        return await self._read(
            lambda c: ledger.eligible(c, url, after_seq, limit, duplicates=duplicates)
        )

    async def waiting(self, url: str, limit: int) -> list[Forward]:
        """Return what waits for the target, the one due first at the front."""
        return await self._read(lambda connection: ledger.waiting(connection, url, limit))

    async def settle(self, attempt: Attempt, forward: Forward, *, cursor: int) -> None:
        """Note an attempt, where its delivery stands now, and the cursor, in one step."""
        await self._writer.act(lambda c: ledger.settle(c, attempt, forward, cursor))

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        """Note an attempt that was made unasked, and where its delivery stands if that is new."""
        await self._writer.act(lambda c: ledger.note(c, attempt, forward))

    async def advance(self, url: str, cursor: int) -> None:
        """Move the target's cursor forward."""
        await self._writer.act(lambda connection: ledger.advance(connection, url, cursor))

    async def backlog(self, url: str, *, duplicates: bool) -> Backlog:
        """Count what is not done for the target."""
        return await self._read(lambda c: ledger.backlog(c, url, duplicates=duplicates))

    def grown(self, seq: int) -> None:
        """Tell whoever listens that there are more records."""
        self._recognised = seq
        self._grew.set()
        for told in self._growth_listeners:
            told(seq)

    def troubled(self, error: StoreFailed) -> None:
        """Tell whoever listens that deriving fails."""
        for told in self._trouble_listeners:
            told(error)

    def start(self) -> None:
        """Start writing."""
        self._writer.start()

    async def close(self) -> None:
        """Write what waits, and close the file."""
        self._writer.take_no_more()
        await anyio.to_thread.run_sync(self._close)

    def _close(self) -> None:
        """Close the reader first: who closes last moves the log into the file, if it may write."""
        with self._reading_alone:
            self._reading.close()
        self._writer.close()

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        return await anyio.to_thread.run_sync(self._read_alone, read)

    def _read_alone(self, read: Callable[[sqlite3.Connection], T]) -> T:
        with self._reading_alone, named_faults(self._path):
            return read(self._reading)


@asynccontextmanager
async def open_store(path: Path) -> AsyncIterator[SqliteStore]:
    """Open the store in ``path``, made where there is none, for as long as the block lasts.

    Raises:
        StoreFailed: it cannot be opened, is damaged, or belongs to a newer okhook or another
            program. A damaged file is left as it is.

    """
    writing = await anyio.to_thread.run_sync(connect, path)
    try:
        reading = await anyio.to_thread.run_sync(connect_reading, path)
    except StoreFailed:
        writing.close()
        raise
    store = SqliteStore(path, writing, reading)
    store.start()
    try:
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await store.close()
