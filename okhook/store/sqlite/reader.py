"""Read the SQLite store, whether or not a receiver writes to it at the same time."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.quantities import Keep
from okhook.records.attempt import Attempt, Target
from okhook.records.record import Found, Record, RecordFilter
from okhook.store.contract import PrunePlan, Reader
from okhook.store.sqlite import ledger, pruning
from okhook.store.sqlite.connection import connect, connect_reading
from okhook.store.sqlite.deriving import derive_next, progress_of
from okhook.store.sqlite.duplicates import seqs_carrying, seqs_known_by
from okhook.store.sqlite.faults import named_faults
from okhook.store.sqlite.finding import found
from okhook.store.sqlite.rows import BEYOND_ALL, record_at, records_after
from okhook.store.sqlite.schema import is_up_to_date


class _SqliteReader:
    """Implements :class:`~okhook.store.contract.Reader`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def catch_up(self, report: Callable[[int], None]) -> int:
        with named_faults(self._path):
            progress = progress_of(self._connection)
        last_seq = progress.last_seq
        if progress.indexed >= last_seq:
            return 0
        with contextlib.suppress(StoreFailed), closing(connect(self._path)) as writing:
            while (left := last_seq - progress.indexed) > 0:
                report(left)
                with named_faults(self._path):
                    progress = derive_next(writing)
        return max(0, progress.last_seq - progress.indexed)

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        start = BEYOND_ALL if before is None else before
        with named_faults(self._path):
            return list(islice(found(self._connection, wanted, order="DESC", start=start), limit))

    def in_order(self, wanted: RecordFilter, *, after: int = 0) -> Iterator[Found]:
        with named_faults(self._path):
            yield from found(self._connection, wanted, order="ASC", start=after)

    def identified(self, text: str) -> list[Found]:
        with named_faults(self._path):
            seqs = seqs_known_by(self._connection, text)
            if not seqs and text.isascii() and text.isdecimal() and len(text) < 19:
                seqs = [int(text)]
            return self._found(record_at(self._connection, seq) for seq in seqs)

    def carrying(self, uuids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        with named_faults(self._path):
            return seqs_carrying(self._connection, uuids)

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

    def after(self, seq: int, limit: int) -> list[Found]:
        with named_faults(self._path):
            return self._found(records_after(self._connection, seq, limit))

    def last_seq(self) -> int:
        with named_faults(self._path):
            return progress_of(self._connection).last_seq

    def plan_pruning(self, keep: Keep, *, now: datetime) -> PrunePlan:
        with named_faults(self._path):
            return pruning.plan(self._connection, keep, now)

    def prune(self, plan: PrunePlan, *, held_too: bool) -> Iterator[int]:
        with named_faults(self._path), closing(connect(self._path)) as writing:
            yield from pruning.prune(writing, plan, held_too=held_too)

    def _found(self, records: Iterable[Record | None]) -> list[Found]:
        return [
            Found(record, ledger.forwards_of(self._connection, record.seq))
            for record in records
            if record is not None
        ]


@contextmanager
def sqlite_reader(path: Path) -> Iterator[Reader]:
    """Implement :func:`okhook.store.open.open_reader`."""
    if not path.exists():
        raise StoreFailed(
            f"found no store in {path.parent}",
            why="okhook has not received anything yet",
            next_step="run `okhook serve` or `okhook up`, or set OKHOOK_HOME",
        )
    with closing(_current(path)) as connection:
        yield _SqliteReader(path, connection)


def _current(path: Path) -> sqlite3.Connection:
    connection = connect_reading(path)
    if is_up_to_date(connection):
        return connection
    connection.close()
    connect(path).close()
    return connect_reading(path)
