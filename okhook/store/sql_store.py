"""What both kinds of store share: most of their methods run one function of SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from okhook.store.listeners import Listeners

C = TypeVar("C")
P = ParamSpec("P")
T = TypeVar("T")


class SqlStore(Listeners, ABC, Generic[C]):
    """Runs SQL with a connection that reads and one that changes, for one receiver."""

    def __init__(self, receiver: str | None) -> None:
        super().__init__()
        self.receiver = receiver

    @abstractmethod
    async def read(self, query: Callable[[C], T]) -> T:
        """Return what ``query`` returns, or raise ``StoreFailed``."""

    @abstractmethod
    async def change(self, change: Callable[[C], T]) -> T:
        """Return what ``change`` returns, after the commit of its transaction."""


def reads(
    query: Callable[Concatenate[C, str | None, P], T],
) -> Callable[Concatenate[SqlStore[C], P], Coroutine[Any, Any, T]]:
    """Return a method that reads with ``query``: it gets a connection and the receiver first."""

    async def method(store: SqlStore[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.read(lambda c: query(c, store.receiver, *args, **kwargs))

    return method


def changes(
    change: Callable[Concatenate[C, str | None, P], T],
) -> Callable[Concatenate[SqlStore[C], P], Coroutine[Any, Any, T]]:
    """Return a method that runs ``change``: it gets a connection and the receiver first."""

    async def method(store: SqlStore[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.change(lambda c: change(c, store.receiver, *args, **kwargs))

    return method
