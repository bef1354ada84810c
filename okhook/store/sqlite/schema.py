"""The SQLite schema and its migrations.

``record`` and ``attempt`` are history; ``target`` and ``forward`` are the state of forwarding. A
record and a target have a ``receiver``: 0 for what an older okhook stored, until a receiver uses
the target. The other tables are derived from the records, up to the ``seq`` in ``progress``.

``PRAGMA user_version`` counts the migrations of a file. Never edit one that was released.
"""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.health import Schema

APPLICATION_ID = 0x6F6B686B
"""``okhk``: marks the file as a store of okhook."""

PAGE_SIZE_BYTES = 8192
"""Room for two or three deliveries. With SQLite's 4096, half of most pages would be empty."""

VERSION = 6


def schema_version(path: Path) -> int:
    """Return the version of the schema in a file; 0 if the file is missing or empty."""
    if not path.exists() or not path.stat().st_size:
        return 0
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        check_ours(connection, str(path))
        return _version(connection)


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Apply the missing migrations in one transaction."""
    if is_up_to_date(connection):
        return
    script = "".join(map(migration, range(_version(connection) + 1, VERSION + 1)))
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {VERSION}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if not is_up_to_date(connection):
            raise


def migration(number: int) -> str:
    """Return the SQL of a migration (1 …)."""
    sql = files("okhook.store.sqlite").joinpath("migrations", f"{number}.sql")
    return sql.read_text(encoding="ascii")


def is_up_to_date(connection: sqlite3.Connection) -> bool:
    """Return whether no migration is missing."""
    return _version(connection) == VERSION


def check_ours(connection: sqlite3.Connection, shown: str) -> None:
    """Raise ``StoreFailed`` if the file belongs to a newer okhook or to another program."""
    version = _version(connection)
    # Another process may create the tables now. They come with the id, so the id is read last.
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application not in (0, APPLICATION_ID) or (application == 0 and tables):
        raise StoreFailed(
            f"{shown} is a database of another program",
            next_step="move it away, or set OKHOOK_HOME to another directory",
        )
    Schema(version, VERSION).refuse_newer(shown, "set OKHOOK_HOME to another directory")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
