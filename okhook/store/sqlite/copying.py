"""The rows of a SQLite store, to copy it or to fill it."""

import shlex
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.copying import RECORDS, CopySource, CopyState, CopyTarget, Row, Table
from okhook.store.sqlite.connection import connect, named_faults, transaction
from okhook.store.sqlite.reader import opened_for_reading


class _Source:
    """Implements :class:`~okhook.store.copying.CopySource`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, table: Table, after: int) -> int:
        sql = f"SELECT count(*) FROM {table.name} WHERE {table.key[0]} > ?"  # noqa: S608 - our own names
        return int(self._connection.execute(sql, (after,)).fetchone()[0])

    def rows(self, table: Table, after: int | None = None) -> Iterator[Row]:
        where = "" if after is None else f" WHERE {table.key[0]} > {int(after)}"
        return self._connection.execute(
            f"SELECT {', '.join(table.columns)} FROM {table.name}{where}"  # noqa: S608 - our own names
            f" ORDER BY {', '.join(table.key)}"
        )

    def last_number(self) -> int:
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record'")
        return next((int(seq) for (seq,) in row), 0)

    def recognised(self) -> int:
        row = self._connection.execute("SELECT seq FROM progress WHERE name = 'recognised'")
        return int(row.fetchone()[0])


class _Target:
    """Implements :class:`~okhook.store.copying.CopyTarget`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def state(self) -> CopyState:
        with named_faults(self._path):
            return copy_state(self._connection)

    def begin(self, source: str) -> None:
        with self._writing():
            up_to = self._last_key(RECORDS)
            self._connection.execute("DELETE FROM copy")
            self._connection.execute("INSERT INTO copy VALUES (?, ?, 0)", (source, up_to))

    def last_key(self, table: Table) -> int:
        with named_faults(self._path):
            return self._last_key(table)

    def add(self, table: Table, rows: Sequence[Row], *, after: int) -> None:
        with self._writing():
            if self._last_key(table) != after:
                raise StoreFailed(f"another process writes to {self._path}; the copy has stopped")
            self._insert("INSERT", table, rows)
            if table is RECORDS:
                self._connection.execute("UPDATE copy SET up_to = ?", (rows[-1][0],))

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        with self._writing():
            self._insert("INSERT OR REPLACE", table, rows)

    def replace(self, table: Table, rows: Sequence[Row]) -> None:
        with self._writing():
            self._connection.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own names
            self._insert("INSERT", table, rows)

    def resume_from(self, recognised: int) -> None:
        with self._writing():
            self._connection.execute(
                "UPDATE progress SET seq = max(seq, ?) WHERE name = 'recognised'", (recognised,)
            )

    def complete(self, last_number: int) -> None:
        with self._writing():
            known = self._connection.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'record'")
            if known.fetchone() is None:
                self._connection.execute("INSERT INTO sqlite_sequence VALUES ('record', 0)")
            self._connection.execute(
                "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'record'", (last_number,)
            )
            self._connection.execute("UPDATE copy SET is_complete = 1")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with named_faults(self._path), transaction(self._connection):
            yield

    def _last_key(self, table: Table) -> int:
        sql = f"SELECT ifnull(max({table.key[0]}), 0) FROM {table.name}"  # noqa: S608 - our own names
        return int(self._connection.execute(sql).fetchone()[0])

    def _insert(self, verb: str, table: Table, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(table.columns))
        self._connection.executemany(
            f"{verb} INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})", rows
        )


def copy_state(connection: sqlite3.Connection) -> CopyState:
    """Return what a store knows of a copy into it."""
    (last_seq,) = connection.execute("SELECT ifnull(max(seq), 0) FROM record").fetchone()
    row = connection.execute("SELECT source, up_to, is_complete FROM copy").fetchone()
    source, up_to, is_complete = row or (None, 0, True)
    return CopyState(source, up_to, bool(is_complete), int(last_seq))


def refuse_unfinished(path: Path, connection: sqlite3.Connection) -> None:
    """Raise ``StoreFailed`` if a copy into the store is not complete."""
    state = copy_state(connection)
    if not state.is_complete:
        raise StoreFailed(
            f"the copy into {path} is not complete",
            next_step=f"finish it: okhook store copy {shlex.join((state.source or '', str(path)))}",
        )


@contextmanager
def sqlite_source(path: Path) -> Iterator[CopySource]:
    """Implement :func:`okhook.store.open.copy_source`."""
    with opened_for_reading(path) as (_, connection), named_faults(path):
        connection.execute("BEGIN")
        yield _Source(connection)


@contextmanager
def sqlite_target(path: Path) -> Iterator[CopyTarget]:
    """Implement :func:`okhook.store.open.copy_target`."""
    with closing(connect(path)) as connection:
        yield _Target(path, connection)
