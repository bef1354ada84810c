"""The rows of a PostgreSQL store, to copy it or to fill it."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg

from okhook.config.store_location import without_password
from okhook.store.copying import CopySource, CopyTarget
from okhook.store.found import last_seq
from okhook.store.postgres.connection import (
    APPENDING,
    FORWARDING,
    Connection,
    connect,
    take_lock,
    transaction,
)
from okhook.store.postgres.faults import named_faults
from okhook.store.postgres.schema import bring_up_to_date, check_version
from okhook.store.rows import Row
from okhook.store.sql import number

_NUMBERED = (("record", "seq"), ("attempt", "id"), ("receiver", "id"), ("target", "id"))
"""The columns that PostgreSQL numbers."""

_ROWS_FETCHED = 100


class _Source(CopySource):
    _connection: Connection

    def selected(self, sql: str) -> Iterable[Row]:
        with self._connection.cursor("copied", scrollable=False) as cursor:
            cursor.itersize = _ROWS_FETCHED
            yield from cursor.execute(sql.encode(), binary=True)

    def last_number(self) -> int:
        may_read = "SELECT has_sequence_privilege('okhook.record_seq_seq', 'SELECT')::int"
        if not number(self._connection, may_read):
            return last_seq(self._connection)
        return number(
            self._connection,
            "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM okhook.record_seq_seq",
        )


class _Target(CopyTarget):
    _connection: Connection

    def __init__(self, url: str, connection: Connection) -> None:
        super().__init__(connection, without_password(url))
        self._url = url

    def named_faults(self) -> AbstractContextManager[None]:
        return named_faults(self._url)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with transaction(self._connection):
            take_lock(self._connection, APPENDING)
            take_lock(self._connection, FORWARDING)
            yield

    def number_from(self, last_number: int) -> None:
        for table, column in _NUMBERED:
            least = last_number if table == "record" else 0
            self._connection.execute(_NUMBER_ON.format(table=table, column=column), (least,))


_NUMBER_ON = """
    SELECT setval(pg_get_serial_sequence('okhook.{table}', '{column}'), number)
    FROM (SELECT greatest(max({column}), %s) AS number FROM okhook.{table}) AS highest
    WHERE number > 0
"""


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
