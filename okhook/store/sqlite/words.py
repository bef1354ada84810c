"""The word index, in SQLite's FTS5."""

import sqlite3
from collections.abc import Iterator

from okhook.store.derive import indexed

_PAGES_AT_ONCE = 200
_CHANGES_OF_A_STEP = 2
"""According to FTS5's documentation, a merge with fewer changes had nothing to do."""


def index(connection: sqlite3.Connection, seq: int, kind: str, body: bytes) -> None:
    """Add a record to the index."""
    found = indexed(kind, body)
    connection.execute(
        "INSERT INTO word (rowid, tags, words) VALUES (?, ?, ?)", (seq, found.tags, found.words)
    )
    connection.executemany(
        "INSERT OR IGNORE INTO event_type (name) VALUES (?)",
        [(name,) for name in found.event_types],
    )


def forget(connection: sqlite3.Connection, seq: int, kind: str, body: bytes) -> None:
    """Remove a record from the index. FTS5 needs the indexed text again for that."""
    found = indexed(kind, body)
    connection.execute(
        "INSERT INTO word (word, rowid, tags, words) VALUES ('delete', ?, ?, ?)",
        (seq, found.tags, found.words),
    )


def merge(connection: sqlite3.Connection) -> Iterator[None]:
    """Merge the index, step by step, to free the space of removed records."""
    pages = -_PAGES_AT_ONCE
    while True:
        before = connection.total_changes
        connection.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (pages,))
        if connection.total_changes - before < _CHANGES_OF_A_STEP:
            return
        pages = _PAGES_AT_ONCE
        yield
