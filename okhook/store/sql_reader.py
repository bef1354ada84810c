"""What both kinds of reader share: most of their methods run one function of SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Concatenate, Generic, ParamSpec, TypeVar

C = TypeVar("C")
P = ParamSpec("P")
T = TypeVar("T")


class SqlReader(ABC, Generic[C]):
    """Runs SQL with one connection."""

    @abstractmethod
    def connection(self) -> AbstractContextManager[C]:
        """Lend the connection. Errors are raised as ``StoreFailed``."""


def reads(
    query: Callable[Concatenate[C, P], T],
) -> Callable[Concatenate[SqlReader[C], P], T]:
    """Return a method that runs ``query`` with the connection."""

    def method(reader: SqlReader[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with reader.connection() as connection:
            return query(connection, *args, **kwargs)

    return method
