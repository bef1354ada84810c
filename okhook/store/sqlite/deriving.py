"""Derive from the records, after their answer: duplicates first, then the word index.

Each step writes its results and its progress in one transaction: a crash neither repeats nor skips
a record, and two processes can take turns.
"""

import sqlite3
from dataclasses import dataclass

from okhook.store.derive import RECOGNISED_KINDS
from okhook.store.sqlite import duplicates, words
from okhook.store.sqlite.connection import transaction

_RECOGNISED_AT_ONCE = 200
_INDEXED_AT_ONCE = 50
_BYTES_AT_ONCE = 1 << 20
"""The limit of a step: commits wait for its transaction."""

_Row = tuple[int, str, bytes]


@dataclass(frozen=True, slots=True)
class Progress:
    """The last ``seq`` of each derivation. ``indexed`` is never beyond ``recognised``."""

    recognised: int
    indexed: int
    last_seq: int

    @property
    def is_recognised(self) -> bool:
        """Whether all records are checked for duplicates."""
        return self.recognised >= self.last_seq

    @property
    def is_indexed(self) -> bool:
        """Whether all recognised records are in the word index."""
        return self.indexed >= self.recognised


def progress_of(connection: sqlite3.Connection) -> Progress:
    """Return how far both derivations are."""
    last_seq = connection.execute("SELECT ifnull(max(seq), 0) FROM record").fetchone()[0]
    done = dict(connection.execute("SELECT name, seq FROM progress"))
    return Progress(done["recognised"], done["indexed"], int(last_seq))


def recognise(connection: sqlite3.Connection) -> Progress:
    """Find the duplicates among the next few records, in a few milliseconds."""
    with transaction(connection):
        progress = progress_of(connection)
        rows = _next(connection, progress.recognised, progress.last_seq, _RECOGNISED_AT_ONCE)
        for seq, kind, body in rows:
            if kind in RECOGNISED_KINDS:
                duplicates.recognise(connection, seq, body)
        _note(connection, "recognised", rows)
    return progress_of(connection)


def index(connection: sqlite3.Connection) -> Progress:
    """Index the words of the next few recognised records, in a few milliseconds."""
    with transaction(connection):
        progress = progress_of(connection)
        rows = _next(connection, progress.indexed, progress.recognised, _INDEXED_AT_ONCE)
        for seq, kind, body in rows:
            words.index(connection, seq, kind, body)
        _note(connection, "indexed", rows)
    return progress_of(connection)


def derive_next(connection: sqlite3.Connection) -> Progress:
    """Do the next step: first all duplicates, then the words."""
    return index(connection) if progress_of(connection).is_recognised else recognise(connection)


def _next(connection: sqlite3.Connection, done: int, end: int, count: int) -> list[_Row]:
    """Return the next records up to a limit in bytes, but at least one."""
    rows: list[_Row] = []
    taken_bytes = 0
    cursor = connection.execute(
        "SELECT seq, kind, body FROM record WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        (done, end, count),
    )
    for row in cursor:
        rows.append(row)
        taken_bytes += len(row[2])
        if taken_bytes > _BYTES_AT_ONCE:
            break
    cursor.close()
    return rows


def _note(connection: sqlite3.Connection, name: str, rows: list[_Row]) -> None:
    if rows:
        connection.execute("UPDATE progress SET seq = ? WHERE name = ?", (rows[-1][0], name))
