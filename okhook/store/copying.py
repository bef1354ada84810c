"""Copy a store into another one, of the same kind or not, with every record, attempt and cursor.

Both kinds have the same tables. Each gives and takes their rows in one form: numbers, text, bytes
and None. The word index is the one thing that differs, so the target makes its own.
"""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial

from okhook.errors import AnswerIsNo, StoreFailed
from okhook.store.found import last_seq
from okhook.store.progress import progress_of
from okhook.store.rows import Row, text_of
from okhook.store.sql import SqlConnection, number, run, run_each, stored_text
from okhook.store.tables import ARRIVALS, ATTEMPTS, COPY, RECORDS, STATE, Table

_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 4 << 20


@dataclass(frozen=True, slots=True)
class CopyState:
    """What a store knows of a copy into it: from where, and whether it is complete.

    ``up_to`` is the ``seq`` of its last copied record, and ``last_seq`` that of its newest record.
    """

    source: str | None
    up_to: int
    is_complete: bool
    last_seq: int


class CopySource(ABC):
    """A store as it was when it was opened, whatever is written to it meanwhile."""

    def __init__(self, connection: SqlConnection) -> None:
        self._connection = connection

    @abstractmethod
    def selected(self, sql: str) -> Iterable[Row]:
        """Yield the rows that a query returns."""

    @abstractmethod
    def last_number(self) -> int:
        """Return the highest ``seq`` that was ever given to a record, 0 if none was."""

    def count(self, table: Table, after: int) -> int:
        """Return how many rows there are after the key ``after``."""
        rows = f"okhook.{table.name} WHERE {table.key[0]} > {after}"
        return number(self._connection, f"SELECT count(*) FROM {rows}")  # noqa: S608 - our own names

    def rows(self, table: Table, after: int | None = None) -> Iterator[Row]:
        """Yield the rows after the key ``after`` in the order of their key, or all of them."""
        where = "" if after is None else f" WHERE {table.key[0]} > {after}"
        found = self.selected(
            f"SELECT {', '.join(table.columns)} FROM okhook.{table.name}{where}"  # noqa: S608 - our own names
            f" ORDER BY {', '.join(table.key)}"
        )
        return table.converted(found, text_of, int)

    def recognised(self) -> int:
        """Return up to which ``seq`` the records are checked for duplicates."""
        return progress_of(self._connection).recognised


class CopyTarget(ABC):
    """A store that is filled. Each call is one durable transaction. ``place`` is its name."""

    def __init__(self, connection: SqlConnection, place: str) -> None:
        self._connection = connection
        self._place = place

    @abstractmethod
    def named_faults(self) -> AbstractContextManager[None]:
        """Turn an error of the database into a ``StoreFailed`` that names the store."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Commit what the block writes, while nobody else writes."""

    @abstractmethod
    def number_from(self, last_number: int) -> None:
        """Give the next record a ``seq`` after ``last_number``."""

    def state(self) -> CopyState:
        """Return what it knows of earlier copies."""
        with self.named_faults():
            return copy_state(self._connection)

    def begin(self, source: str) -> None:
        """Note that a copy from ``source`` began: until it is complete, no receiver may use it."""
        with self._writing():
            run(self._connection, "DELETE FROM okhook.copy")
            self._insert(COPY, [(source, self._last_key(RECORDS), False)])

    def last_key(self, table: Table) -> int:
        """Return the last key of a table, 0 if it is empty."""
        with self.named_faults():
            return self._last_key(table)

    def add(self, table: Table, rows: Sequence[Row], *, after: int) -> None:
        """Add rows after the key ``after``; raise ``StoreFailed`` if that is not the last one."""
        with self._writing():
            if self._last_key(table) != after:
                raise StoreFailed(f"another process writes to {self._place}; the copy has stopped")
            self._insert(table, rows)
            if table is RECORDS:
                self._set("copy", f"up_to = {rows[-1][0]}")

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows, or replace those with the same keys."""
        rest = table.columns[table.keys :]
        updates = ", ".join(f"{name} = excluded.{name}" for name in rest)
        action = f"UPDATE SET {updates}" if rest else "NOTHING"
        with self._writing():
            self._insert(table, rows, f"ON CONFLICT ({', '.join(table.key)}) DO {action}")

    def replace(self, table: Table, rows: Sequence[Row]) -> None:
        """Replace the whole table."""
        with self._writing():
            run(self._connection, f"DELETE FROM okhook.{table.name}")  # noqa: S608 - our own names
            self._insert(table, rows)

    def resume_from(self, recognised: int) -> None:
        """Note up to which ``seq`` the records are checked for duplicates."""
        with self._writing():
            self._set(
                "progress", f"seq = {recognised} WHERE name = 'recognised' AND seq < {recognised}"
            )

    def complete(self, last_number: int) -> None:
        """Note that the copy is complete. The next record gets a ``seq`` after ``last_number``."""
        with self._writing():
            self.number_from(last_number)
            self._set("copy", "is_complete = true")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self.named_faults(), self.transaction():
            yield

    def _insert(self, table: Table, rows: Iterable[Row], conflict: str = "") -> None:
        """Insert rows; ``conflict`` is the clause for those whose key is there already."""
        marks = ", ".join(f":{name}" for name in table.columns)
        kept = table.converted(rows, partial(stored_text, self._connection), bool)
        run_each(
            self._connection,
            f"INSERT INTO okhook.{table.name} ({', '.join(table.columns)})"  # noqa: S608 - our own names
            f" VALUES ({marks}) {conflict}",
            (dict(zip(table.columns, row, strict=True)) for row in kept),
        )

    def _set(self, table: str, change: str) -> None:
        run(self._connection, f"UPDATE okhook.{table} SET {change}")  # noqa: S608 - our own words

    def _last_key(self, table: Table) -> int:
        sql = f"SELECT max({table.key[0]}) FROM okhook.{table.name}"  # noqa: S608 - our own names
        return number(self._connection, sql)


def copy_state(connection: SqlConnection) -> CopyState:
    """Return what a store knows of a copy into it."""
    found = run(connection, "SELECT source, up_to, is_complete FROM okhook.copy").fetchone()
    source, up_to, is_complete = found or (None, 0, True)
    return CopyState(text_of(source), up_to, bool(is_complete), last_seq(connection))


def refuse_unfinished(connection: SqlConnection, place: str) -> None:
    """Raise ``StoreFailed`` if a copy into the store is not complete."""
    state = copy_state(connection)
    if not state.is_complete:
        raise StoreFailed(
            f"the copy into {place} is not complete",
            next_step=f"finish it: okhook store copy {shlex.join((state.source or '', place))}",
        )


@dataclass(frozen=True, slots=True)
class Copied:
    """How much one run copied. ``resumed`` if an earlier one had begun."""

    records: int
    attempts: int
    resumed: bool


def copy_store(
    source: CopySource,
    target: CopyTarget,
    *,
    named: tuple[str, str],
    index: Callable[[], None],
    report: Callable[[int, int], None],
) -> Copied:
    """Copy ``source`` into ``target``; their places are ``named``.

    ``report`` is called with the number of records that are copied, and of those that there are.
    ``index`` makes the target's word index. A run that was killed is continued by the next one.

    Raises:
        AnswerIsNo: the target has records of its own, or of another store.
    """
    resumed = _begun(target, *named)
    records = _add_all(RECORDS, source, target, report)
    attempts = _add_all(ATTEMPTS, source, target, lambda *_: None)
    for table in STATE:
        for batch in _batches(source.rows(table)):
            target.put(table, batch)
    target.resume_from(source.recognised())
    index()
    target.replace(ARRIVALS, list(source.rows(ARRIVALS)))  # they also count what was pruned
    target.complete(source.last_number())
    return Copied(records, attempts, resumed)


def _begun(target: CopyTarget, source: str, place: str) -> bool:
    """Note the beginning of the copy; return whether an earlier one is continued."""
    state = target.state()
    is_ours = state.source == source and state.last_seq == state.up_to
    if state.last_seq and not is_ours:
        whose = "records of its own" if state.source is None else "other records than the source"
        raise AnswerIsNo(
            f"{place} has {whose}; nothing was copied",
            why="okhook copies only into an empty store, or goes on with a copy from the same one",
            next_step="name a new file or an empty database",
        )
    target.begin(source)
    return state.source is not None


def _add_all(
    table: Table, source: CopySource, target: CopyTarget, report: Callable[[int, int], None]
) -> int:
    after = target.last_key(table)
    total, done = source.count(table, after), 0
    for batch in _batches(source.rows(table, after)):
        report(done, total)
        target.add(table, batch, after=after)
        after, done = batch[-1][0], done + len(batch)
    return done


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, bytes))
        if len(batch) >= _ROWS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
