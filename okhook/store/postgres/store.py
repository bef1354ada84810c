"""The store in a PostgreSQL database, which several receivers on several machines can share.

A receiver has four connections to it: one appends, one acts and derives, one reads, one listens. A
fifth one keeps its leases, if it forwards.
"""

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import TypeVar

import anyio
import anyio.to_thread

from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.records.record import NewRecord, Record
from okhook.store.contract import CommitCounters, Hold, HoldLost, Store
from okhook.store.listeners import Listeners
from okhook.store.postgres import ledger, receivers
from okhook.store.postgres.appender import Appender
from okhook.store.postgres.connection import Connection, Link, connect
from okhook.store.postgres.copying import refuse_unfinished
from okhook.store.postgres.deriving import progress_of, rewrite_something
from okhook.store.postgres.faults import named_faults
from okhook.store.postgres.lease import Lease, Leases
from okhook.store.postgres.listener import Listener
from okhook.store.postgres.rows import records_at
from okhook.store.postgres.schema import bring_up_to_date
from okhook.store.postgres.writer import Act, Writer

T = TypeVar("T")

_WITHIN_S = 20.0
"""How long the server may work or hang on anything but a delivery before it is given up."""

_CLOSE_WITHIN_S = 1.0
_LOOK_EVERY_S = 0.5


class _PostgresStore(Listeners):
    """Implements :class:`~okhook.store.contract.Store`."""

    def __init__(self, url: str, receiver: str | None, receiver_id: int) -> None:
        super().__init__()
        self._receiver = receiver
        self._reading = Link(url)
        self._reading_alone = threading.Lock()
        self._commits = CommitCounters()
        self._appender = Appender(url, receiver_id, self._trouble, self._commits, self._wake)
        self._writer = Writer(
            url, self._trouble, self._commits, self._grown, self._appender.commit_times
        )
        self._leases = Leases(url, receiver)
        self._listener = Listener(url, self._writer.notified)
        self._patience_s = _WITHIN_S
        self._watch()

    @property
    def commits(self) -> CommitCounters:
        return self._commits

    async def check_writable(self) -> None:
        await self._writer.act(rewrite_something)

    async def append(self, record: NewRecord) -> int:
        seq = await self._appender.append(record)
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
        return self._leases.held(url)

    async def settle(
        self, attempt: Attempt, forward: Forward, *, cursor: int, hold: Hold | None = None
    ) -> None:
        await self._act_held(
            hold, lambda c: ledger.settle(c, attempt, forward, self._receiver, cursor)
        )

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        await self._writer.act(lambda c: ledger.note(c, attempt, forward))

    async def advance(self, url: str, cursor: int, *, hold: Hold | None = None) -> None:
        await self._act_held(hold, lambda c: ledger.advance(c, url, self._receiver, cursor))

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

    async def _act_held(self, hold: Hold | None, act: Act) -> None:
        """Act in a transaction that first checks the lease, if ``hold`` is one."""

        def fenced(connection: Connection) -> bool:
            if isinstance(hold, Lease) and not hold.fence(connection):
                return False
            act(connection)
            return True

        if not await self._writer.act(fenced):
            raise HoldLost

    async def close(self) -> None:
        """Write what is queued, and close the connections."""
        self._appender.take_no_more()
        self._writer.take_no_more()
        self._patience_s = _CLOSE_WITHIN_S
        await anyio.to_thread.run_sync(self._close)
        self._watching.cancel()

    def _close(self) -> None:
        self._listener.close()
        self._appender.close()
        self._writer.close()
        self._leases.close()
        with self._reading_alone:
            self._reading.close()

    def _wake(self) -> None:
        self._writer.appended()

    async def _read(self, read: Callable[[Connection], T]) -> T:
        reads = threading.Event()

        def alone() -> T:
            with self._reading_alone, self._reading.connection() as connection:
                reads.set()
                return read(connection)

        try:
            return await anyio.to_thread.run_sync(alone, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            if reads.is_set():  # whoever ends the command does not wait for a server that hangs
                self._reading.abort()
            raise

    def _watch(self) -> None:
        """Break the connections on which the server hangs, so that their threads go on."""
        for link in (self._writer.link, self._reading):
            link.abort_after(self._patience_s)
        self._watching = self._loop.call_later(_LOOK_EVERY_S, self._watch)


@asynccontextmanager
async def postgres_store(url: str, receiver: str | None = None) -> AsyncIterator[Store]:
    """Implement :func:`okhook.store.open.open_store` for a URL."""

    def opened() -> int:
        with named_faults(url), connect(url) as connection:
            bring_up_to_date(connection, url)
            refuse_unfinished(connection, url)
            return receivers.named(connection, receiver)

    store = _PostgresStore(url, receiver, await anyio.to_thread.run_sync(opened))
    try:
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await store.close()
