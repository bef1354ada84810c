"""The SQLite schema and how an older file is brought up to it.

``PRAGMA user_version`` counts the migrations that a file has seen. A migration that has shipped is
never edited; the next change is a new one at the end.
"""

import sqlite3

from okhook.errors import StoreFailed

APPLICATION_ID = 0x6F6B686B
"""``okhk``: tells our file from any other SQLite database."""

MIGRATIONS = (
    """
    CREATE TABLE record (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        received_at_us INTEGER NOT NULL,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        headers BLOB NOT NULL,
        body BLOB NOT NULL,
        status INTEGER NOT NULL,
        reason TEXT,
        auth TEXT NOT NULL,
        event_id TEXT,
        duplicate_of INTEGER
    );
    CREATE INDEX record_event_id ON record (event_id) WHERE event_id IS NOT NULL;
    CREATE TABLE event (
        uuid TEXT PRIMARY KEY,
        seq INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
)


def bring_up_to_date(connection: sqlite3.Connection, shown: str) -> None:
    """Apply the migrations that the file has not seen, all or none of them.

    Raises:
        StoreFailed: the file is of a newer okhook, or of another program.

    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application not in (0, APPLICATION_ID) or (application == 0 and _has_tables(connection)):
        raise StoreFailed(
            f"{shown} is a database of another program",
            next_step="move it away, or point OKHOOK_HOME at another directory",
        )
    if version > len(MIGRATIONS):
        raise StoreFailed(
            f"{shown} was written by a newer okhook",
            why=f"its schema is {version}, this okhook knows {len(MIGRATIONS)}",
            next_step="upgrade okhook, or point OKHOOK_HOME at another directory",
        )
    if version == len(MIGRATIONS):
        return
    script = "".join(MIGRATIONS[version:])
    connection.executescript(
        f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION_ID};"
        f" PRAGMA user_version = {len(MIGRATIONS)}; COMMIT;"
    )


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
