"""The PostgreSQL schema ``okhook`` and its migrations.

The tables mean what those of :mod:`okhook.store.sqlite.schema` mean. Text that comes from outside
is kept as ``bytea``: PostgreSQL's text holds neither NUL nor half a surrogate pair.

``okhook.migration`` has a row for each migration. Never edit one that was released.
"""

from importlib.resources import files

import psycopg

from okhook.config.store_location import without_password
from okhook.errors import StoreFailed
from okhook.store.health import Schema
from okhook.store.postgres.connection import MIGRATING, Connection, connect, take_lock
from okhook.store.postgres.faults import named_faults, no_store

VERSION = 1

_EXISTS = """
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n
        ON n.oid = c.relnamespace WHERE n.nspname = 'okhook' AND c.relname = 'migration'
    )
"""


def migrate(url: str) -> int:
    """Apply the missing migrations in one transaction; return how many there were."""
    with named_faults(url), connect(url) as connection:
        return _migrated(connection, url)


def postgres_schema(url: str) -> Schema:
    """Implement :func:`okhook.store.open.schema_of` for a URL."""
    with named_faults(url), connect(url) as connection:
        return Schema(version_of(connection), VERSION)


def bring_up_to_date(connection: Connection, url: str) -> None:
    """Apply what is missing, if anything is; that needs more rights than using the store."""
    if version_of(connection) == VERSION:
        return
    try:
        _migrated(connection, url)
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreFailed(
            f"the store {without_password(url)} has to be created or migrated first",
            why=str(error).partition("\n")[0],
            next_step="run `okhook store migrate` as a role that may create tables there",
        ) from None


def check_version(connection: Connection, url: str) -> None:
    """Raise ``StoreFailed`` if there is no store, or if it belongs to a newer okhook."""
    version = version_of(connection)
    if not version:
        raise no_store(url)
    _refuse_newer(version, url)


def version_of(connection: Connection) -> int:
    """Return the version of the schema, 0 if there is none.

    ``to_regclass`` would not see what another session created since it was asked before: the
    answer "no such table" is cached, also while this session waits for an advisory lock.
    """
    row = connection.execute(_EXISTS).fetchone()
    if row is None or not row[0]:
        return 0
    found = connection.execute("SELECT max(version) FROM okhook.migration").fetchone()
    return int(found[0] or 0) if found else 0


def migration(number: int) -> str:
    """Return the SQL of a migration (1 …)."""
    sql = files("okhook.store.postgres").joinpath("migrations", f"{number}.sql")
    return sql.read_text(encoding="ascii")


def _migrated(connection: Connection, url: str) -> int:
    _check_encoding(connection, url)
    with connection.transaction():
        take_lock(connection, MIGRATING)
        version = version_of(connection)
        _refuse_newer(version, url)
        for number in range(version + 1, VERSION + 1):
            connection.execute(migration(number).encode())
            connection.execute("INSERT INTO okhook.migration (version) VALUES (%s)", (number,))
    return VERSION - version


def _refuse_newer(version: int, url: str) -> None:
    shown = f"the store {without_password(url)}"
    Schema(version, VERSION).refuse_newer(shown, "use another database")


def _check_encoding(connection: Connection, url: str) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreFailed(
            f"the encoding of {without_password(url)} is {encoding}",
            why="okhook needs a database in UTF8",
            next_step="create one with `createdb --encoding UTF8 --template template0`",
        )
