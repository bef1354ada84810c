"""The rows of a PostgreSQL store, to copy it or to fill it."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from okhook.config.store_location import without_password
from okhook.errors import StoreFailed
from okhook.store.copying import RECORDS, CopySource, CopyState, CopyTarget, Row, Table
from okhook.store.postgres.connection import Connection, connect, transaction
from okhook.store.postgres.faults import named_faults
from okhook.store.postgres.locks import APPENDING, FORWARDING, take
from okhook.store.postgres.rows import to_bytes, to_text
from okhook.store.postgres.schema import bring_up_to_date, check_version

_BYTES = {
    "record": ("path", "reason"),
    "attempt": ("fault", "reason", "answer_type"),
    "event_type": ("name",),
    "arrival": ("event_type",),
}
"""The columns that are ``bytea`` for text from outside."""

_BOOLEANS = {"target": ("has_old",)}

_NUMBERED = (("record", "seq"), ("attempt", "id"), ("receiver", "id"), ("target", "id"))
"""The columns that PostgreSQL numbers."""

_ROWS_FETCHED = 100


class _Source:
    """Implements :class:`~okhook.store.copying.CopySource`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, table: Table, after: int) -> int:
        sql = f"SELECT count(*) FROM okhook.{table.name} WHERE {table.key[0]} > %s"  # noqa: S608 - our own names
        return _number(self._connection, sql, after)

    def rows(self, table: Table, after: int | None = None) -> Iterator[Row]:
        where = "" if after is None else f" WHERE {table.key[0]} > {int(after)}"
        converters = _converters(table, to_text, int)
        sql = (
            f"SELECT {', '.join(table.columns)} FROM okhook.{table.name}{where}"  # noqa: S608 - our own names
            f" ORDER BY {', '.join(table.key)}"
        )
        with self._connection.cursor(f"copied_{table.name}", scrollable=False) as cursor:
            cursor.itersize = _ROWS_FETCHED
            cursor.execute(sql.encode(), binary=True)
            for row in cursor:
                yield _converted(row, converters)

    def last_number(self) -> int:
        may_read = "SELECT has_sequence_privilege('okhook.record_seq_seq', 'SELECT')::int"
        if not _number(self._connection, may_read):
            return _number(self._connection, "SELECT max(seq) FROM okhook.record")
        return _number(
            self._connection,
            "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM okhook.record_seq_seq",
        )

    def recognised(self) -> int:
        return _number(
            self._connection, "SELECT seq FROM okhook.progress WHERE name = 'recognised'"
        )


class _Target:
    """Implements :class:`~okhook.store.copying.CopyTarget`."""

    def __init__(self, url: str, connection: Connection) -> None:
        self._url = url
        self._connection = connection

    def state(self) -> CopyState:
        with named_faults(self._url):
            return copy_state(self._connection)

    def begin(self, source: str) -> None:
        with self._writing():
            up_to = self._last_key(RECORDS)
            self._connection.execute("DELETE FROM okhook.copy")
            self._connection.execute(
                "INSERT INTO okhook.copy VALUES (%s, %s, false)", (to_bytes(source), up_to)
            )

    def last_key(self, table: Table) -> int:
        with named_faults(self._url):
            return self._last_key(table)

    def add(self, table: Table, rows: Sequence[Row], *, after: int) -> None:
        with self._writing():
            if self._last_key(table) != after:
                raise StoreFailed(
                    f"another process writes to {without_password(self._url)}; the copy has stopped"
                )
            self._insert(table, rows, "")
            if table is RECORDS:
                self._connection.execute("UPDATE okhook.copy SET up_to = %s", (rows[-1][0],))

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        rest = table.columns[table.keys :]
        updates = ", ".join(f"{name} = excluded.{name}" for name in rest)
        action = f"UPDATE SET {updates}" if rest else "NOTHING"
        with self._writing():
            self._insert(table, rows, f" ON CONFLICT ({', '.join(table.key)}) DO {action}")

    def replace(self, table: Table, rows: Sequence[Row]) -> None:
        with self._writing():
            self._connection.execute(f"DELETE FROM okhook.{table.name}".encode())  # noqa: S608 - our own names
            self._insert(table, rows, "")

    def resume_from(self, recognised: int) -> None:
        with self._writing():
            self._connection.execute(
                "UPDATE okhook.progress SET seq = greatest(seq, %s) WHERE name = 'recognised'",
                (recognised,),
            )

    def complete(self, last_number: int) -> None:
        with self._writing():
            for table, column in _NUMBERED:
                least = last_number if table == "record" else 0
                self._connection.execute(_NUMBER_ON.format(table=table, column=column), (least,))
            self._connection.execute("UPDATE okhook.copy SET is_complete = true")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with named_faults(self._url), transaction(self._connection):
            take(self._connection, APPENDING)
            take(self._connection, FORWARDING)
            yield

    def _last_key(self, table: Table) -> int:
        sql = f"SELECT coalesce(max({table.key[0]}), 0) FROM okhook.{table.name}"  # noqa: S608 - our own names
        return _number(self._connection, sql)

    def _insert(self, table: Table, rows: Sequence[Row], conflict: str) -> None:
        converters = _converters(table, to_bytes, bool)
        marks = ", ".join(["%s"] * len(table.columns))
        with self._connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO okhook.{table.name} ({', '.join(table.columns)})"  # noqa: S608 - our own names
                f" VALUES ({marks}){conflict}".encode(),
                [_converted(row, converters) for row in rows],
            )


_NUMBER_ON = """
    SELECT setval(pg_get_serial_sequence('okhook.{table}', '{column}'), number)
    FROM (SELECT greatest(max({column}), %s) AS number FROM okhook.{table}) AS highest
    WHERE number > 0
"""


def copy_state(connection: Connection) -> CopyState:
    """Return what a store knows of a copy into it."""
    last_seq = _number(connection, "SELECT coalesce(max(seq), 0) FROM okhook.record")
    row = connection.execute("SELECT source, up_to, is_complete FROM okhook.copy").fetchone()
    if row is None:
        return CopyState(None, 0, is_complete=True, last_seq=last_seq)
    return CopyState(to_text(row[0]), row[1], row[2], last_seq)


def refuse_unfinished(connection: Connection, url: str) -> None:
    """Raise ``StoreFailed`` if a copy into the store is not complete."""
    state = copy_state(connection)
    if not state.is_complete:
        here = without_password(url)
        raise StoreFailed(
            f"the copy into {here} is not complete",
            next_step=f"finish it: okhook store copy {shlex.join((state.source or '', here))}",
        )


@contextmanager
def postgres_source(url: str) -> Iterator[CopySource]:
    """Implement :func:`okhook.store.open.copy_source`."""
    with named_faults(url), connect(url) as connection:
        check_version(connection, url)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            yield _Source(connection)


@contextmanager
def postgres_target(url: str) -> Iterator[CopyTarget]:
    """Implement :func:`okhook.store.open.copy_target`."""
    with named_faults(url), connect(url) as connection:
        bring_up_to_date(connection, url)
        yield _Target(url, connection)


def _number(connection: Connection, sql: str, *values: int) -> int:
    row = connection.execute(sql.encode(), values).fetchone()
    return 0 if row is None else int(row[0] or 0)


_Convert = Callable[[Any], Any]


def _converters(table: Table, text: _Convert, boolean: _Convert) -> list[_Convert | None]:
    """Return what converts each column, None for those that are the same everywhere."""
    bytes_, booleans = _BYTES.get(table.name, ()), _BOOLEANS.get(table.name, ())
    return [
        text if name in bytes_ else boolean if name in booleans else None for name in table.columns
    ]


def _converted(row: Row, converters: list[_Convert | None]) -> Row:
    return tuple(
        value if convert is None or value is None else convert(value)
        for value, convert in zip(row, converters, strict=True)
    )
