"""The index of words and event types, a table of SQLite's FTS5."""

import sqlite3
from collections.abc import Iterator

from okhook.store.search_terms import indexed

_PAGES_AT_ONCE = 200
_CHANGES_OF_A_STEP = 2
"""According to FTS5's documentation, a merge with fewer changes had nothing to do."""


def index_words(
    connection: sqlite3.Connection, seq: int, kind: str, body: bytes
) -> tuple[str, ...]:
    """Add a record to the word index, and return its event types."""
    tags, words, event_types = indexed(kind, body)
    connection.execute("INSERT INTO word (rowid, tags, words) VALUES (?, ?, ?)", (seq, tags, words))
    connection.executemany(
        "INSERT OR IGNORE INTO event_type (name) VALUES (?)",
        [(name,) for name in event_types],
    )
    return event_types


def forget_words(
    connection: sqlite3.Connection, seq: int, kind: str, body: bytes
) -> tuple[str, ...]:
    """Remove a record from the word index, and return its event types.

    FTS5 needs the indexed text again for that.
    """
    tags, words, event_types = indexed(kind, body)
    connection.execute(
        "INSERT INTO word (word, rowid, tags, words) VALUES ('delete', ?, ?, ?)",
        (seq, tags, words),
    )
    return event_types


def merge_words(connection: sqlite3.Connection) -> Iterator[None]:
    """Merge the word index, step by step, to free the space of removed records."""
    pages = -_PAGES_AT_ONCE
    while True:
        before = connection.total_changes
        connection.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (pages,))
        if connection.total_changes - before < _CHANGES_OF_A_STEP:
            return
        pages = _PAGES_AT_ONCE
        yield
