"""The rows of a SQLite store, to copy it or to fill it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from okhook.store.copying import CopySource, CopyTarget
from okhook.store.rows import Row
from okhook.store.sql import number, run
from okhook.store.sqlite.connection import connect, named_faults, transaction
from okhook.store.sqlite.reader import opened_for_reading


class _Source(CopySource):
    _connection: sqlite3.Connection

    def selected(self, sql: str) -> Iterable[Row]:
        return run(self._connection, sql)

    def last_number(self) -> int:
        return number(self._connection, "SELECT seq FROM sqlite_sequence WHERE name = 'record'")


class _Target(CopyTarget):
    _connection: sqlite3.Connection

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        super().__init__(connection, str(path))
        self._path = path

    def named_faults(self) -> AbstractContextManager[None]:
        return named_faults(self._path)

    def transaction(self) -> AbstractContextManager[None]:
        return transaction(self._connection)

    def number_from(self, last_number: int) -> None:
        known = self._connection.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'record'")
        if known.fetchone() is None:
            self._connection.execute("INSERT INTO sqlite_sequence VALUES ('record', 0)")
        self._connection.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'record'", (last_number,)
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
