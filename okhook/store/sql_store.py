"""What both kinds of store share: their listeners, and methods that run one function of SQL."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import anyio

from okhook.errors import StoreFailed
from okhook.records.attempt import Attempt, Forward
from okhook.records.record import NewRecord, Record
from okhook.store import forwarding, receivers, targets
from okhook.store.contract import CommitCounters, Lease, LeaseLost
from okhook.store.found import last_seq, records_at, records_from
from okhook.store.sql import SqlConnection
from okhook.store.trouble import Trouble

C = TypeVar("C", bound="SqlConnection")
P = ParamSpec("P")
T = TypeVar("T")


def reads(
    query: Callable[Concatenate[C, str | None, P], T],
) -> Callable[Concatenate["SqlStore[Any]", P], Coroutine[Any, Any, T]]:
    """Return a method that reads with ``query``: it gets a connection and the receiver first."""

    async def method(store: "SqlStore[Any]", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.read(lambda c: query(c, store.receiver, *args, **kwargs))

    return method


def changes(
    change: Callable[Concatenate[C, str | None, P], T],
) -> Callable[Concatenate["SqlStore[Any]", P], Coroutine[Any, Any, T]]:
    """Return a method that runs ``change``: it gets a connection and the receiver first."""

    async def method(store: "SqlStore[Any]", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.change(lambda c: change(c, store.receiver, *args, **kwargs))

    return method


class SqlStore(ABC, Generic[C]):
    """Runs SQL for one receiver, and calls listeners in the event loop of its creation."""

    count_after = reads(receivers.count_after)
    before_newest = reads(receivers.before_newest)
    duplicates_after = reads(receivers.duplicates_after)
    waiting = reads(targets.waiting)
    eligible = reads(targets.eligible)
    backlog = reads(targets.backlog)
    oldest_unsent = reads(targets.oldest_unsent)
    backlogs_elsewhere = reads(targets.backlogs_elsewhere)
    skip_backlog = changes(targets.skip_backlog)
    open_target = changes(forwarding.open_target)

    def __init__(self, receiver: str | None) -> None:
        self.receiver = receiver
        self._loop = asyncio.get_running_loop()
        self._growth_listeners: list[Callable[[int], None]] = []
        self._went: Callable[[StoreFailed], None] = lambda _: None
        self._came_back: Callable[[], None] = lambda: None
        self.commits = CommitCounters()
        self._append: Callable[[NewRecord], asyncio.Future[Any]]
        self._change: Callable[[Callable[[C], Any]], asyncio.Future[Any]]
        self._appended = 0
        self._recognised = 0
        self._grew = anyio.Event()
        self._trouble = Trouble(
            went=lambda error: self._in_loop(self._went, error),
            came_back=lambda: self._in_loop(self._came_back),
        )

    @abstractmethod
    async def read(self, query: Callable[[C], T]) -> T:
        """Return what ``query`` returns, or raise ``StoreFailed``."""

    async def change(self, change: Callable[[C], T]) -> T:
        """Return what ``change`` returns, after the commit of its transaction."""
        result: T = await self._change(change)
        return result

    @abstractmethod
    def holds(self, connection: C, lease: Lease) -> bool:
        """Return whether ``lease`` is held, and keep it until the transaction ends."""

    async def settle(
        self, attempt: Attempt, forward: Forward, *, cursor: int, lease: Lease | None = None
    ) -> None:
        """Implement the contract."""
        await self._change_leased(
            lease, lambda c: forwarding.settle(c, self.receiver, attempt, forward, cursor)
        )

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        """Implement the contract."""
        await self.change(lambda c: forwarding.note(c, attempt, forward))

    async def advance(self, url: str, cursor: int, *, lease: Lease | None = None) -> None:
        """Implement the contract."""
        await self._change_leased(
            lease, lambda c: forwarding.advance(c, self.receiver, url, cursor)
        )

    async def _change_leased(self, lease: Lease | None, change: Callable[[C], None]) -> None:
        def leased(connection: C) -> bool:
            if lease is not None and not self.holds(connection, lease):
                return False
            change(connection)
            return True

        if not await self.change(leased):
            raise LeaseLost

    async def append(self, record: NewRecord) -> int:
        """Implement the contract."""
        seq: int = await self._append(record)
        self._appended = max(self._appended, seq)
        return seq

    async def records(self, seqs: Sequence[int], most_bytes: int) -> list[Record]:
        """Implement the contract."""
        return await self.read(lambda c: records_at(c, seqs, most_bytes))

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Implement the contract."""

        def ask(connection: C) -> list[Record]:
            after = receivers.recognised_after(connection, self.receiver, seq)
            source = f"okhook.record WHERE {after} ORDER BY seq LIMIT {limit}"
            return records_from(connection, source)

        return await self.read(ask)

    async def check_writable(self) -> None:
        """Implement the contract."""
        await self.change(receivers.rewrite_something)

    async def last_seq(self) -> int:
        """Implement the contract."""
        return await self.read(last_seq)

    def on_growth(self, listener: Callable[[int], None]) -> None:
        """Implement the contract."""
        self._growth_listeners.append(listener)

    def on_trouble(
        self, went: Callable[[StoreFailed], None], came_back: Callable[[], None]
    ) -> None:
        """Implement the contract."""
        self._went, self._came_back = went, came_back

    async def settled(self) -> int:
        """Implement the contract."""
        while self._recognised < self._appended:
            self._grew = anyio.Event()
            await self._grew.wait()
        return self._recognised

    def _grown(self, seq: int) -> None:
        self._recognised = seq
        self._grew.set()
        for listener in self._growth_listeners:
            listener(seq)

    def _in_loop(self, call: Callable[..., None], *told: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(call, *told)
