"""What both kinds of reader share: most of their methods run one function of SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar

from okhook.records.record import Found, Record, RecordFilter
from okhook.store.found import found_of, last_seq, newest_latencies, tried_after
from okhook.store.pruning import plan
from okhook.store.receivers import names, recognised_after
from okhook.store.rows import BEYOND_ALL, seq_in
from okhook.store.sql import SqlConnection, listed, prefix_of
from okhook.store.targets import all_backlogs, all_targets

C = TypeVar("C", bound=SqlConnection)
P = ParamSpec("P")
T = TypeVar("T")

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Query:
    """The records of ``source`` that meet the ``conditions``, ordered by ``seq``.

    ``values`` are those in the conditions. ``keeps`` tells of a found record what no index knows.
    """

    source: str
    conditions: Sequence[str]
    keeps: Callable[[Record], bool]
    seq: str = "record.seq"
    values: Mapping[str, Any] | None = None


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
    def query_of(self, connection: C, wanted: RecordFilter) -> Query | None:
        """Return what finds the records of a filter; None if there can be none."""

    @abstractmethod
    def records_from(
        self, connection: C, source: str, values: Mapping[str, Any] | None = None
    ) -> list[Record]:
        """Return the records of ``source``: of a table, under conditions, in an order."""

    @abstractmethod
    def seqs_known_by(self, connection: C, key: str) -> list[int]:
        """Return the deliveries with ``key`` as ``eventId`` or event uuid."""

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        """Implement the contract."""
        start = BEYOND_ALL if before is None else before
        with self.connection() as connection:
            return list(islice(self._search(connection, wanted, "<", start), limit))

    def in_order(self, wanted: RecordFilter) -> Iterator[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            yield from self._search(connection, wanted, ">", 0)

    def _search(
        self, connection: C, wanted: RecordFilter, compared: Literal["<", ">"], start: int
    ) -> Iterator[Found]:
        """Yield the matching records from one on. No transaction stays open between pages."""
        query = self.query_of(connection, wanted)
        if query is None:
            return
        order = "DESC" if compared == "<" else "ASC"
        while True:
            where = " AND ".join([f"{query.seq} {compared} {start}", *query.conditions])
            source = f"{query.source} WHERE {where} ORDER BY {query.seq} {order} LIMIT {_PAGE}"
            page = self.records_from(connection, source, query.values)
            yield from found_of(connection, filter(query.keeps, page))
            if len(page) < _PAGE:
                return
            start = page[-1].seq

    def identified(self, text: str) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            seqs = self.seqs_known_by(connection, text) or seq_in(text)
            return self._found(connection, f"record.seq IN {listed(seqs)} ORDER BY record.seq")

    def repeats(self, seq: int) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            repeats = f"SELECT seq FROM {prefix_of(connection)}duplicate WHERE first_seq = {seq}"  # noqa: S608 - a number
            return self._found(connection, f"record.seq IN ({repeats}) ORDER BY record.seq")

    def after(self, seq: int, limit: int) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            after = recognised_after(connection, None, seq)
            return self._found(connection, f"{after} ORDER BY record.seq LIMIT {limit}")

    def _found(self, connection: C, condition: str) -> list[Found]:
        source = f"{prefix_of(connection)}record WHERE {condition}"
        return found_of(connection, self.records_from(connection, source))
