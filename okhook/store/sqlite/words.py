"""The word index, in SQLite's FTS5, and its query language."""

import sqlite3
from collections.abc import Iterator

from okhook.store.derive import indexed

_PAGES_AT_ONCE = 200
_CHANGES_OF_A_STEP = 2
"""SQLite's documentation of FTS5: a merge that changes less than two rows had nothing to do."""


def index(connection: sqlite3.Connection, seq: int, kind: str, body: bytes) -> None:
    """Make the record ``seq`` findable."""
    found = indexed(kind, body)
    connection.execute(
        "INSERT INTO word (rowid, tags, words) VALUES (?, ?, ?)", (seq, found.tags, found.words)
    )
    connection.executemany(
        "INSERT OR IGNORE INTO event_type (name) VALUES (?)",
        [(name,) for name in found.event_types],
    )


def forget(connection: sqlite3.Connection, seq: int, kind: str, body: bytes) -> None:
    """Take a record that is being pruned out of the index, which must be told its texts again."""
    found = indexed(kind, body)
    connection.execute(
        "INSERT INTO word (word, rowid, tags, words) VALUES ('delete', ?, ?, ?)",
        (seq, found.tags, found.words),
    )


def merge(connection: sqlite3.Connection) -> Iterator[None]:
    """Bring the index together, step by step, so that what was forgotten takes no room in it."""
    pages = -_PAGES_AT_ONCE
    while True:
        before = connection.total_changes
        connection.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (pages,))
        if connection.total_changes - before < _CHANGES_OF_A_STEP:
            return
        pages = _PAGES_AT_ONCE
        yield


def phrase(text: str) -> str:
    """Return ``text`` as a phrase of the query language: its words, in a row."""
    quoted = text.replace("\0", " ").replace('"', '""')
    return f'"{quoted}"'
