"""The SQLite schema and how an older file is brought up to it.

``record`` and ``attempt`` are what happened, ``target`` and ``forward`` where the work stands. The
rest (``seen``, ``duplicate``, ``event_type``, ``word``) is derived from the records, each as far as
``progress`` says, and can be thrown away and derived again.

``PRAGMA user_version`` counts the migrations that a file has seen; they are in ``migrations``. One
that has shipped is never edited; the next change is a new one.
"""

import sqlite3
from importlib.resources import files

from okhook.errors import StoreFailed

APPLICATION_ID = 0x6F6B686B
"""``okhk``: tells our file from any other SQLite database."""

PAGE_SIZE_BYTES = 8192
"""Two or three deliveries a page; with SQLite's 4096 most pages would hold one and half of air."""

VERSION = 2
"""How many migrations there are."""


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Apply the migrations that the file has not seen, all or none of them."""
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
    """Tell whether the file has seen every migration."""
    return _version(connection) == VERSION


def check_ours(connection: sqlite3.Connection, shown: str) -> None:
    """Refuse a file that this okhook cannot know.

    Raises:
        StoreFailed: the file is of a newer okhook, or of another program.
    """
    version = _version(connection)
    # Another process may create the tables now. They come with the id, so the id is read last.
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application not in (0, APPLICATION_ID) or (application == 0 and tables):
        raise StoreFailed(
            f"{shown} is a database of another program",
            next_step="move it away, or point OKHOOK_HOME at another directory",
        )
    if version > VERSION:
        raise StoreFailed(
            f"{shown} was written by a newer okhook",
            why=f"its schema is {version}, this okhook knows {VERSION}",
            next_step="upgrade okhook, or point OKHOOK_HOME at another directory",
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
