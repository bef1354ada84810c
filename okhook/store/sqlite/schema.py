"""The SQLite schema and how an older file is brought up to it.

``record`` and ``attempt`` are what happened, ``target`` and ``forward`` where the work stands. The
rest (``seen``, ``duplicate``, ``event_type``, ``word``) is derived from the records, each as far as
``progress`` says, and can be thrown away and derived again.

``PRAGMA user_version`` counts the migrations that a file has seen. A migration that has shipped is
never edited; the next change is a new one at the end.
"""

import sqlite3

from okhook.errors import StoreFailed

APPLICATION_ID = 0x6F6B686B
"""``okhk``: tells our file from any other SQLite database."""

PAGE_SIZE_BYTES = 8192
"""Two or three deliveries a page; with SQLite's 4096 most pages would hold one and half of air."""

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
    """
    DROP INDEX record_event_id;
    DROP TABLE event;
    ALTER TABLE record DROP COLUMN event_id;
    ALTER TABLE record DROP COLUMN duplicate_of;
    UPDATE record SET kind = 'canary'
        WHERE kind = 'delivery' AND instr(body, CAST('"urn:okhook:canary"' AS BLOB));
    CREATE INDEX record_received_at ON record (received_at_us);
    CREATE TABLE progress (
        name TEXT PRIMARY KEY,
        seq INTEGER NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO progress (name, seq) VALUES ('recognised', 0), ('indexed', 0);
    CREATE TABLE seen (
        hash INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (hash, seq)
    ) WITHOUT ROWID;
    CREATE TABLE duplicate (
        seq INTEGER PRIMARY KEY,
        first_seq INTEGER NOT NULL
    );
    CREATE INDEX duplicate_first_seq ON duplicate (first_seq);
    CREATE TABLE event_type (
        name TEXT PRIMARY KEY
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE word USING fts5(
        tags, words, content = '', tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE TABLE target (
        id INTEGER PRIMARY KEY,
        url TEXT NOT NULL UNIQUE,
        since_seq INTEGER NOT NULL,
        cursor INTEGER NOT NULL
    );
    CREATE TABLE forward (
        seq INTEGER NOT NULL,
        target_id INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        next_at_us INTEGER,
        PRIMARY KEY (seq, target_id)
    ) WITHOUT ROWID;
    CREATE INDEX forward_waiting ON forward (target_id, next_at_us) WHERE state = 'waiting';
    CREATE INDEX forward_failed ON forward (seq) WHERE state = 'failed';
    CREATE TABLE attempt (
        id INTEGER PRIMARY KEY,
        seq INTEGER NOT NULL,
        target TEXT NOT NULL,
        purpose TEXT NOT NULL,
        number INTEGER NOT NULL,
        began_at_us INTEGER NOT NULL,
        duration_us INTEGER NOT NULL,
        status INTEGER,
        fault TEXT,
        reason TEXT,
        answer BLOB NOT NULL,
        answer_type TEXT
    );
    CREATE INDEX attempt_seq ON attempt (seq);
    """,
)


def bring_up_to_date(connection: sqlite3.Connection, shown: str) -> None:
    """Apply the migrations that the file has not seen, all or none of them.

    Raises:
        StoreFailed: the file is of a newer okhook, or of another program.

    """
    check_ours(connection, shown)
    if is_up_to_date(connection):
        return
    version = _version(connection)
    script = "".join(MIGRATIONS[version:])
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {len(MIGRATIONS)}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if not is_up_to_date(connection):
            raise


def is_up_to_date(connection: sqlite3.Connection) -> bool:
    """Tell whether the file has seen every migration."""
    return _version(connection) == len(MIGRATIONS)


def check_ours(connection: sqlite3.Connection, shown: str) -> None:
    """Refuse a file that this okhook cannot know.

    Raises:
        StoreFailed: the file is of a newer okhook, or of another program.

    """
    version = _version(connection)
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


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
