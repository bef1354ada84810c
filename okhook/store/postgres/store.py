"""The store in a PostgreSQL database, which several receivers on several machines can share.

A receiver has four connections to it: one appends, one acts and derives, one reads, one listens. A
fifth one keeps its leases, if it forwards.
"""

import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

from okhook.config.store_location import without_password
from okhook.store.contract import Lease, Store
from okhook.store.copying import refuse_unfinished
from okhook.store.deriver import COMMIT_TIMES_KEPT
from okhook.store.postgres.appender import Appender
from okhook.store.postgres.connection import Connection, Link, connect
from okhook.store.postgres.faults import named_faults
from okhook.store.postgres.lease import Leases, PostgresLease
from okhook.store.postgres.listener import Listener
from okhook.store.postgres.schema import bring_up_to_date
from okhook.store.postgres.writer import Writer
from okhook.store.receivers import named
from okhook.store.sql_store import SqlStore

T = TypeVar("T")

_WITHIN_S = 20.0
"""How long the server may work or hang on anything but a delivery before it is given up."""

_CLOSE_WITHIN_S = 1.0
_LOOK_EVERY_S = 0.5


class _PostgresStore(SqlStore[Connection]):
    """Implements :class:`~okhook.store.contract.Store`."""

    def __init__(self, url: str, receiver: str | None, receiver_id: int) -> None:
        super().__init__(receiver)
        self._reading = Link(url)
        self._reading_alone = threading.Lock()
        times: deque[tuple[int, int]] = deque(maxlen=COMMIT_TIMES_KEPT)
        self._writer = Writer(url, self._trouble, self.commits, self._grown, times)
        self._change = self._writer.put
        self._appender = Appender(
            url, receiver_id, self._trouble, self.commits, times, self._writer.appended
        )
        self._append = self._appender.put
        self._leases = Leases(url, receiver)
        self._listener = Listener(url, self._writer.notified)
        self._patience_s = _WITHIN_S
        self._watch()

    def lease(self, url: str) -> AbstractAsyncContextManager[Lease]:
        return self._leases.lease(url)

    def holds(self, connection: Connection, lease: Lease) -> bool:
        return not isinstance(lease, PostgresLease) or lease.fence(connection)

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

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Implement the base class."""
        began = threading.Event()

        def alone() -> T:
            with self._reading_alone, self._reading.connection() as connection:
                began.set()
                return query(connection)

        try:
            return await anyio.to_thread.run_sync(alone, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            if began.is_set():  # whoever ends the command does not wait for a server that hangs
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
            refuse_unfinished(connection, without_password(url))
            return named(connection, receiver)

    store = _PostgresStore(url, receiver, await anyio.to_thread.run_sync(opened))
    try:
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await store.close()
