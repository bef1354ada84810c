"""What both kinds of reader share: most of their methods run one function of SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar

from okhook.records.record import Found, Record, RecordFilter
from okhook.store import found
from okhook.store.arrivals import arrivals_since, event_types_seen
from okhook.store.duplicates import Carriers, Ids, first_seen, keys_of
from okhook.store.pruning import plan
from okhook.store.receivers import Scope, known_as, names, recognised_after, scope_of
from okhook.store.rows import BEYOND_ALL, seq_in
from okhook.store.sql import SqlConnection, listed
from okhook.store.targets import all_backlogs, all_targets
from okhook.wire.delivery import Delivery

C = TypeVar("C", bound="SqlConnection")
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
    attempts = reads(found.attempts_of)
    tried_after = reads(found.tried_after)
    latencies = reads(found.newest_latencies)
    last_seq = reads(found.last_seq)
    arrivals = reads(arrivals_since)
    event_types_seen = reads(event_types_seen)
    plan_pruning = reads(plan)

    @abstractmethod
    def connection(self) -> AbstractContextManager[C]:
        """Lend the connection. Errors are raised as ``StoreFailed``."""

    @abstractmethod
    def query_of(self, connection: C, wanted: RecordFilter) -> Query | None:
        """Return what finds the records of a filter; None if there can be none."""

    @abstractmethod
    def carriers(self, connection: C, keys: Collection[str], scope: Scope = None) -> Carriers:
        """Return what finds the deliveries that carry any of the ``keys``."""

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
            page = found.records_from(connection, source, query.values)
            yield from found.found_of(connection, filter(query.keeps, page))
            if len(page) < _PAGE:
                return
            start = page[-1].seq

    def identified(self, text: str) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            known = list(self.carriers(connection, [text])(text, Ids.has))
            seqs = known or seq_in(text)
            return self._found(connection, f"record.seq IN {listed(seqs)} ORDER BY record.seq")

    def carrying(self, uuids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Implement the contract."""
        with self.connection() as connection:
            carriers = self.carriers(connection, uuids)
            each = {uuid: tuple(carriers(uuid, Ids.has_event)) for uuid in uuids}
        return {uuid: seqs for uuid, seqs in each.items() if seqs}

    def repeated_by(self, delivery: Delivery, receiver: str | None) -> int | None:
        """Implement the contract."""
        with self.connection() as connection:
            scope = scope_of(connection, known_as(connection, receiver))
            return first_seen(delivery, self.carriers(connection, keys_of(delivery), scope))

    def repeats(self, seq: int) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            repeats = f"SELECT seq FROM okhook.duplicate WHERE first_seq = {seq}"  # noqa: S608 - a number
            return self._found(connection, f"record.seq IN ({repeats}) ORDER BY record.seq")

    def after(self, seq: int, limit: int) -> list[Found]:
        """Implement the contract."""
        with self.connection() as connection:
            after = recognised_after(connection, None, seq)
            return self._found(connection, f"{after} ORDER BY record.seq LIMIT {limit}")

    def _found(self, connection: C, condition: str) -> list[Found]:
        records = found.records_from(connection, f"okhook.record WHERE {condition}")
        return found.found_of(connection, records)
