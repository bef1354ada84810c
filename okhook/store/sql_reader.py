"""What both kinds of reader share: most of their methods run one function of SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Concatenate, Generic, Literal, ParamSpec, TypeVar

from okhook.records.record import Found, RecordFilter
from okhook.store.rows import BEYOND_ALL

C = TypeVar("C")
P = ParamSpec("P")
T = TypeVar("T")

Order = Literal["ASC", "DESC"]


class SqlReader(ABC, Generic[C]):
    """Runs SQL with one connection."""

    @abstractmethod
    def connection(self) -> AbstractContextManager[C]:
        """Lend the connection. Errors are raised as ``StoreFailed``."""

    @abstractmethod
    def search(
        self, connection: C, wanted: RecordFilter, *, order: Order, start: int
    ) -> Iterator[Found]:
        """Yield the matching records after ``start``."""

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        """Implement the contract."""
        start = BEYOND_ALL if before is None else before
        with self.connection() as connection:
            return list(islice(self.search(connection, wanted, order="DESC", start=start), limit))

    def in_order(self, wanted: RecordFilter, *, after: int = 0) -> Iterator[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            yield from self.search(connection, wanted, order="ASC", start=after)


def reads(
    query: Callable[Concatenate[C, P], T],
) -> Callable[Concatenate[SqlReader[C], P], T]:
    """Return a method that runs ``query`` with the connection."""

    def method(reader: SqlReader[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with reader.connection() as connection:
            return query(connection, *args, **kwargs)

    return method
