"""Run statements that both kinds of store understand.

They name a table with its schema, as in ``okhook.record``, and a value as ``:name``. Numbers and
our own words may stand in them as they are.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from okhook.store.rows import Row

if TYPE_CHECKING:
    import psycopg

SqlConnection: TypeAlias = "sqlite3.Connection | psycopg.Connection[Any]"
"""A connection to either kind of store."""

_SCHEMA = "okhook."
_VALUE = re.compile(r"(?<!:):([a-z]\w*)")


class Rows(Protocol):
    """The rows that a statement returns."""

    def fetchone(self) -> Row | None:
        """Return the next row, None after the last one."""

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""


def run(connection: SqlConnection, sql: str, **values: Any) -> Rows:  # noqa: ANN401 - of any column
    """Run a statement."""
    if isinstance(connection, sqlite3.Connection):
        return connection.execute(sql.replace(_SCHEMA, ""), values)
    return connection.execute(_for_postgres(sql), values or None, binary=True)


def run_each(connection: SqlConnection, sql: str, each: Iterable[Mapping[str, Any]]) -> None:
    """Run a statement with each of some values."""
    if isinstance(connection, sqlite3.Connection):
        connection.executemany(sql.replace(_SCHEMA, ""), each)
        return
    with connection.cursor() as cursor:
        cursor.executemany(_for_postgres(sql), each)


def _for_postgres(sql: str) -> str:
    return _VALUE.sub(r"%(\1)s", sql)


def listed(numbers: Iterable[int]) -> str:
    """Return numbers as the list that may follow ``IN``. Nothing is in an empty one."""
    return f"({', '.join(map(str, numbers)) or 'NULL'})"


def number(connection: SqlConnection, sql: str, **values: Any) -> int:  # noqa: ANN401 - as for run
    """Return the only value of a query, 0 if there is none."""
    row = run(connection, sql, **values).fetchone()
    return 0 if row is None else int(row[0] or 0)


def stored_text(connection: SqlConnection, text: str | None) -> str | bytes | None:
    """Return text from outside as the store keeps it.

    PostgreSQL's text holds neither NUL nor half a surrogate pair, so it keeps bytes.
    """
    if text is None or isinstance(connection, sqlite3.Connection):
        return text
    return text.encode("utf-8", "surrogatepass")
