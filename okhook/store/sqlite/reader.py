"""Read the SQLite store, whether or not a receiver writes to it at the same time."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path

from okhook.errors import NoStore, StoreFailed, StoreFull
from okhook.quantities import Keep
from okhook.records.attempt import Attempt, Backlog, Target
from okhook.records.record import Found, Record, RecordFilter
from okhook.store.contract import Arrivals, Latencies, PrunePlan, Reader
from okhook.store.rows import BEYOND_ALL
from okhook.store.sqlite import arrivals, latencies, ledger, pruning, receivers
from okhook.store.sqlite.connection import (
    check_is_a_file,
    connect,
    connect_reading,
    named_faults,
)
from okhook.store.sqlite.deriving import index, progress_of, recognise
from okhook.store.sqlite.read_only import is_read_only, opened_read_only
from okhook.store.sqlite.reserve import MOST_BYTES, give_up, set_aside
from okhook.store.sqlite.rows import record_at, records_after
from okhook.store.sqlite.schema import is_up_to_date
from okhook.store.sqlite.search import search
from okhook.store.sqlite.seen import first_seen, seqs_carrying, seqs_known_by
from okhook.wire.delivery import Delivery


class _SqliteReader:
    """Implements :class:`~okhook.store.contract.Reader`. ``read_from`` may be a copy."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_from: Path) -> None:
        self._path = path
        self._connection = connection
        self._read_from = read_from

    def catch_up(self, report: Callable[[int], None]) -> int:
        with named_faults(self._path):
            progress = progress_of(self._connection)
        last_seq = progress.last_seq
        if progress.indexed >= last_seq:
            return 0
        with suppress(StoreFailed), closing(connect(self._read_from)) as writing:
            while (left := last_seq - progress.indexed) > 0:
                report(left)
                with named_faults(self._path):
                    progress = (index if progress.is_recognised else recognise)(writing)
        return max(0, last_seq - progress.indexed)

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        start = BEYOND_ALL if before is None else before
        with named_faults(self._path):
            return list(islice(search(self._connection, wanted, order="DESC", start=start), limit))

    def in_order(self, wanted: RecordFilter, *, after: int = 0) -> Iterator[Found]:
        with named_faults(self._path):
            yield from search(self._connection, wanted, order="ASC", start=after)

    def identified(self, text: str) -> list[Found]:
        with named_faults(self._path):
            seqs = seqs_known_by(self._connection, text)
            if not seqs and text.isascii() and text.isdecimal() and len(text) < 19:
                seqs = [int(text)]
            return self._found(record_at(self._connection, seq) for seq in seqs)

    def carrying(self, uuids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        with named_faults(self._path):
            return seqs_carrying(self._connection, uuids)

    def repeated_by(self, delivery: Delivery, receiver: str | None) -> int | None:
        with named_faults(self._path):
            receiver_id = receivers.known_as(self._connection, receiver)
            scope = receivers.scope_of(self._connection, receiver_id)
            return first_seen(self._connection, BEYOND_ALL, delivery, scope)

    def attempts(self, seq: int) -> list[Attempt]:
        with named_faults(self._path):
            return ledger.attempts_of(self._connection, seq)

    def repeats(self, seq: int) -> list[Found]:
        with named_faults(self._path):
            rows = self._connection.execute(
                "SELECT seq FROM duplicate WHERE first_seq = ? ORDER BY seq", (seq,)
            )
            return self._found(record_at(self._connection, row[0]) for row in rows.fetchall())

    def event_types_seen(self) -> frozenset[str]:
        with named_faults(self._path):
            rows = self._connection.execute("SELECT name FROM event_type")
            return frozenset(name for (name,) in rows)

    def targets(self) -> list[Target]:
        with named_faults(self._path):
            return ledger.targets(self._connection)

    def receivers(self) -> list[str]:
        with named_faults(self._path):
            return receivers.names(self._connection)

    def after(self, seq: int, limit: int) -> list[Found]:
        with named_faults(self._path):
            return self._found(records_after(self._connection, seq, limit))

    def tried_after(self, attempt: int, limit: int) -> tuple[int, list[int]]:
        with named_faults(self._path):
            return ledger.tried_after(self._connection, attempt, limit)

    def arrivals(self, since: datetime) -> list[Arrivals]:
        with named_faults(self._path):
            return arrivals.since(self._connection, since)

    def latencies(self, count: int) -> Latencies:
        with named_faults(self._path):
            return latencies.newest(self._connection, count)

    def backlogs(self) -> list[tuple[Target, Backlog]]:
        with named_faults(self._path):
            return ledger.backlogs(self._connection)

    def last_seq(self) -> int:
        with named_faults(self._path):
            return progress_of(self._connection).last_seq

    def plan_pruning(self, keep: Keep, *, now: datetime) -> PrunePlan:
        with named_faults(self._path):
            return pruning.plan(self._connection, keep, now)

    def prune(self, plan: PrunePlan, *, held_too: bool) -> Iterator[int]:
        def make_room() -> bool:
            return give_up(self._path)

        try:
            with named_faults(self._path), closing(_connected(self._path)) as writing:
                yield from pruning.prune(writing, plan, held_too=held_too, make_room=make_room)
        except StoreFull as full:
            room = f"{MOST_BYTES >> 20} MiB"
            step = f"free {room} on that disk first: removing deliveries needs room for a moment"
            raise StoreFull(full.what, why=full.why, next_step=step) from full
        finally:
            set_aside(self._path)

    def _found(self, records: Iterable[Record | None]) -> list[Found]:
        return [
            Found(record, ledger.forwards_of(self._connection, record.seq))
            for record in records
            if record is not None
        ]


@contextmanager
def sqlite_reader(path: Path) -> Iterator[Reader]:
    """Implement :func:`okhook.store.open.open_reader`."""
    with opened_for_reading(path) as (read_from, connection):
        yield _SqliteReader(path, connection, read_from=read_from)


@contextmanager
def opened_for_reading(path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """Yield the file to read, which may be a copy, and a connection to it."""
    if not path.exists():
        raise NoStore(
            f"found no store at {path}",
            why="okhook has not received anything yet",
            next_step="run `okhook serve` or `okhook up`, or set OKHOOK_HOME",
        )
    check_is_a_file(path)
    with ExitStack() as opened:
        try:
            if is_read_only(path):
                read_from, connection = opened_read_only(path, opened)
            else:
                read_from, connection = path, opened.enter_context(closing(_up_to_date(path)))
        except StoreFull:
            read_from, connection = opened_read_only(path, opened)
        yield read_from, connection


def _connected(path: Path) -> sqlite3.Connection:
    """Connect to write, if need be with the room that was set aside."""
    try:
        return connect(path)
    except StoreFull:
        if not give_up(path):
            raise
        return connect(path)


def _up_to_date(path: Path) -> sqlite3.Connection:
    connection = connect_reading(path)
    if is_up_to_date(connection):
        return connection
    connection.close()
    connect(path).close()
    return connect_reading(path)
