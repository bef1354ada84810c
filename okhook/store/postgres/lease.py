"""One forwarder per target and receiver name at a time: a lease with a fencing token.

A lease is a row of ``okhook.lease``. Only the database's clock says when it ends. Whoever takes it
over gets a new token, and an outcome is stored in a transaction that checks the token first: what
a process does that was stopped or cut off, and comes back, is refused.

No statement here waits for a lock, and none leaves a transaction open: a process that stops within
one would keep others from taking the lease over.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import anyio
import anyio.to_thread

from okhook.errors import StoreFailed
from okhook.runtime.ids import new_uuid
from okhook.store.contract import Lease, LeaseLost, LeaseTaken
from okhook.store.postgres.connection import Connection, Link
from okhook.store.receivers import known_as

T = TypeVar("T")

LEASE_S = 5.0
"""How long a lease lasts after it was taken or renewed.

Longer than the server lets a transaction idle: one that a stopped process left open ends before.
"""

_RENEW_EVERY_S = 1.5
_LEFT_AT_LEAST_S = 1.0
"""How long a lease must still last, so that an attempt can begin."""

_WITHIN_S = 2.5
"""How long the database may take to answer."""

_RELEASED_WITHIN_S = 1.0
"""How long ending waits until the next one can have the lease at once; else it runs out."""

_TAKE = """
    INSERT INTO okhook.lease (target_id, token, holder, expires_at)
    SELECT id, 0, '', '-infinity' FROM okhook.target WHERE url = %(url)s AND receiver_id = %(id)s
    ON CONFLICT DO NOTHING;
"""

_TAKEN = f"""
    UPDATE okhook.lease
    SET token = token + 1, holder = %(holder)s,
        expires_at = clock_timestamp() + interval '{LEASE_S} s'
    WHERE target_id = (
        SELECT target_id FROM okhook.lease JOIN okhook.target ON target.id = target_id
        WHERE url = %(url)s AND receiver_id = %(id)s AND expires_at < clock_timestamp()
        FOR UPDATE OF lease SKIP LOCKED
    )
    RETURNING target_id, token
"""  # noqa: S608 - our own number

_IS_OURS = "target_id = %(target)s AND token = %(token)s AND holder = %(holder)s"

_RENEW = f"UPDATE okhook.lease SET expires_at = clock_timestamp() + interval '{LEASE_S} s'"  # noqa: S608 - our own number

_RENEWED = f"""
    {_RENEW} WHERE target_id = (
        SELECT target_id FROM okhook.lease WHERE {_IS_OURS} FOR UPDATE SKIP LOCKED
    )
    RETURNING true
"""  # noqa: S608 - our own condition

_FENCE = f"{_RENEW} WHERE {_IS_OURS} RETURNING true"

_LEFT = f"""
    SELECT extract(epoch FROM expires_at - clock_timestamp())::float
    FROM okhook.lease WHERE {_IS_OURS}
"""  # noqa: S608 - our own condition

_RELEASED = f"UPDATE okhook.lease SET expires_at = '-infinity' WHERE {_IS_OURS}"  # noqa: S608 - our own condition


class Leases:
    """Takes leases for one receiver, and keeps them, with a connection of its own."""

    def __init__(self, url: str, receiver: str | None) -> None:
        self._receiver = receiver
        self._link = Link(url)
        self._link_alone = threading.Lock()

    @asynccontextmanager
    async def lease(self, target: str) -> AsyncIterator[Lease]:
        """Implement :meth:`okhook.store.contract.Store.lease`."""
        lease = await self._taken(target)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lease.keep)
            try:
                yield lease
            finally:
                tasks.cancel_scope.cancel()
                with anyio.move_on_after(_RELEASED_WITHIN_S, shield=True), suppress(StoreFailed):
                    await lease.release()

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Ask the database; raise ``StoreFailed`` if it does not answer in time."""
        given_up = threading.Event()

        def alone() -> T:
            with self._link_alone:
                if given_up.is_set():  # do not connect for an answer that nobody waits for
                    raise StoreFailed("the question was given up")
                with self._link.connection() as connection:
                    return question(connection)

        alarm = asyncio.get_running_loop().call_later(_WITHIN_S, self._link.abort)
        try:
            return await anyio.to_thread.run_sync(alone, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            given_up.set()
            self._link.abort()
            raise
        finally:
            alarm.cancel()

    def close(self) -> None:
        """Close the connection. Do not call this in the loop."""
        self._link.abort()
        with self._link_alone:
            self._link.close()

    async def _taken(self, target: str) -> "PostgresLease":
        holder = new_uuid()

        def take(connection: Connection) -> tuple[int, int] | None:
            values = {
                "url": target,
                "id": known_as(connection, self._receiver),
                "holder": holder,
            }
            connection.execute(_TAKE, values)
            row = connection.execute(_TAKEN, values).fetchone()
            return None if row is None else (int(row[0]), int(row[1]))

        began = time.monotonic()
        taken = await self.ask(take)
        if taken is None:
            raise LeaseTaken
        return PostgresLease(self, *taken, holder, sure_until=began + LEASE_S)


class PostgresLease:
    """Implements :class:`~okhook.store.contract.Lease`.

    The token tells it from those before and after it, and the holder from one that a standby server
    gave with the same token, because it had not heard of this one when it became the primary.
    """

    def __init__(
        self, leases: Leases, target_id: int, token: int, holder: str, *, sure_until: float
    ) -> None:
        self._leases = leases
        self._values = {"target": target_id, "token": token, "holder": holder}
        self._lost = anyio.Event()
        self._sure_until = sure_until

    async def confirm(self) -> None:
        """Implement the contract."""
        await self._learn(self._valid_for_s)
        if self._lost.is_set():
            raise LeaseLost

    @property
    def is_sure(self) -> bool:
        """Implement the contract. This process's clock begins when it asked, not at the answer."""
        return not self._lost.is_set() and time.monotonic() < self._sure_until

    async def lost(self) -> None:
        """Implement the contract."""
        await self._lost.wait()

    async def keep(self) -> None:
        """Renew the lease until it is lost. A database that is away has nobody to give it to."""
        while not self._lost.is_set():
            await anyio.sleep(_RENEW_EVERY_S)
            with suppress(StoreFailed):
                await self._learn(self._renewed_for_s)

    async def release(self) -> None:
        """Let the next one have it at once."""
        await self._leases.ask(lambda connection: connection.execute(_RELEASED, self._values))

    def fence(self, connection: Connection) -> bool:
        """Return whether the lease is held still, and keep it from being taken in a transaction."""
        return connection.execute(_FENCE, self._values).fetchone() is not None

    async def _learn(self, ask: Callable[[Connection], float | None]) -> None:
        """Ask how long the lease lasts; None means that it is lost."""
        if self._lost.is_set():
            return
        began = time.monotonic()
        left_s = await self._leases.ask(ask)
        if left_s is None:
            self._lost.set()
        else:
            self._sure_until = max(self._sure_until, began + left_s)

    def _valid_for_s(self, connection: Connection) -> float | None:
        left_s = self._left_s(connection)
        if left_s is None or left_s > _LEFT_AT_LEAST_S:
            return left_s
        return self._renewed_for_s(connection)

    def _renewed_for_s(self, connection: Connection) -> float | None:
        """Renew it, and return how long it lasts: if its row is locked, an outcome renews it."""
        if connection.execute(_RENEWED, self._values).fetchone() is not None:
            return LEASE_S
        return self._left_s(connection)

    def _left_s(self, connection: Connection) -> float | None:
        row = connection.execute(_LEFT, self._values).fetchone()
        return None if row is None else float(row[0])
