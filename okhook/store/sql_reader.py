"""What both kinds of reader share: most of their methods run one function of SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar

from okhook.records.record import Found, Record, RecordFilter
from okhook.store.found import found_of, last_seq, newest_latencies, tried_after
from okhook.store.pruning import plan
from okhook.store.receivers import names, recognised_after
from okhook.store.rows import BEYOND_ALL, seq_in
from okhook.store.sql import SqlConnection, prefix_of
from okhook.store.targets import all_backlogs, all_targets

C = TypeVar("C", bound=SqlConnection)
P = ParamSpec("P")
T = TypeVar("T")

Order = Literal["ASC", "DESC"]


def reads(
    query: Callable[Concatenate[C, P], T],
) -> Callable[Concatenate["SqlReader[Any]", P], T]:
    """Return a method that runs ``query`` with the connection."""

    def method(reader: "SqlReader[Any]", /, *args: P.args, **kwargs: P.kwargs) -> T:
        with reader.connection() as connection:
            return query(connection, *args, **kwargs)

    return method


class SqlReader(ABC, Generic[C]):
    """Runs SQL with one connection."""

    targets = reads(all_targets)
    receivers = reads(names)
    backlogs = reads(all_backlogs)
    tried_after = reads(tried_after)
    latencies = reads(newest_latencies)
    last_seq = reads(last_seq)
    plan_pruning = reads(plan)

    @abstractmethod
    def connection(self) -> AbstractContextManager[C]:
        """Lend the connection. Errors are raised as ``StoreFailed``."""

    @abstractmethod
    def search(
        self, connection: C, wanted: RecordFilter, *, order: Order, start: int
    ) -> Iterator[Found]:
        """Yield the matching records after ``start``."""

    @abstractmethod
    def records_where(self, connection: C, condition: str) -> list[Record]:
        """Return the records that meet a condition, oldest first; it may end with a limit."""

    @abstractmethod
    def seqs_known_by(self, connection: C, key: str) -> list[int]:
        """Return the deliveries with ``key`` as ``eventId`` or event uuid."""

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        """Implement the contract."""
        start = BEYOND_ALL if before is None else before
        with self.connection() as connection:
            return list(islice(self.search(connection, wanted, order="DESC", start=start), limit))

    def in_order(self, wanted: RecordFilter, *, after: int = 0) -> Iterator[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            yield from self.search(connection, wanted, order="ASC", start=after)

    def identified(self, text: str) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            seqs = self.seqs_known_by(connection, text) or seq_in(text)
            condition = f"record.seq IN ({', '.join(map(str, seqs))}) ORDER BY record.seq"
            return found_of(connection, self.records_where(connection, condition)) if seqs else []

    def repeats(self, seq: int) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            repeats = f"SELECT seq FROM {prefix_of(connection)}duplicate WHERE first_seq = {seq}"  # noqa: S608 - a number
            condition = f"record.seq IN ({repeats}) ORDER BY record.seq"
            return found_of(connection, self.records_where(connection, condition))

    def after(self, seq: int, limit: int) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            after = f"{recognised_after(connection, None, seq)} ORDER BY record.seq LIMIT {limit}"
            return found_of(connection, self.records_where(connection, after))
