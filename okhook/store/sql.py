"""Run statements that both kinds of store understand.

Their only values are numbers, which stand in the statement, and our own words.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Protocol

from okhook.store.rows import Row


class Rows(Protocol):
    """The rows that a statement returns."""

    def fetchone(self) -> Row | None:
        """Return the next row, None after the last one."""

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""


class SqlConnection(Protocol):
    """A connection to either kind of store."""

    def execute(self, sql: str, /) -> Rows:
        """Run a statement."""


def prefix_of(connection: SqlConnection) -> str:
    """Return what stands before the name of a table: in PostgreSQL, the name of the schema."""
    return "" if isinstance(connection, sqlite3.Connection) else "okhook."


def listed(numbers: Iterable[int]) -> str:
    """Return numbers as the list that may follow ``IN``. Nothing is in an empty one."""
    return f"({', '.join(map(str, numbers)) or 'NULL'})"


def number(connection: SqlConnection, sql: str) -> int:
    """Return the only value of a query, 0 if there is none."""
    row = connection.execute(sql).fetchone()
    return 0 if row is None else int(row[0] or 0)
