"""Derive from the records, after their answer: duplicates first, then the word index.

Each step writes its results and its progress in one transaction: a crash neither repeats nor skips
a record, and two processes can take turns.
"""

import sqlite3
from collections.abc import Collection

from okhook.store import arrivals
from okhook.store.arrivals import Counters, counters_of
from okhook.store.duplicates import RECOGNISED_KINDS
from okhook.store.found import note_commit_times
from okhook.store.progress import Progress, progress_of
from okhook.store.receivers import scope_of
from okhook.store.sqlite import seen, word_index
from okhook.store.sqlite.connection import transaction

_RECOGNISED_AT_ONCE = 200
_INDEXED_AT_ONCE = 50
_BYTES_AT_ONCE = 1 << 20
"""The limit of a step: commits wait for its transaction."""

_Row = tuple[int, str, bytes, int, int]


def recognise(
    connection: sqlite3.Connection, commit_times: Collection[tuple[int, int]] = ()
) -> Progress:
    """Find the duplicates among the next few records, in a few milliseconds.

    ``commit_times`` are stored on the way: the ``seq`` of records, and their microseconds.
    """
    with transaction(connection):
        note_commit_times(connection, commit_times)
        end = progress_of(connection).last_seq
        rows = _take(connection, "recognised", end, _RECOGNISED_AT_ONCE)
        scopes = {each: scope_of(connection, each) for *_, each, _ in rows}
        for seq, kind, body, receiver_id, _ in rows:
            if kind in RECOGNISED_KINDS:
                seen.mark_duplicate(connection, seq, body, scopes[receiver_id])
    return progress_of(connection)


def index(connection: sqlite3.Connection) -> Progress:
    """Index the words of the next few recognised records, in a few milliseconds."""
    with transaction(connection):
        end = progress_of(connection).recognised
        rows = _take(connection, "indexed", end, _INDEXED_AT_ONCE)
        counters = Counters()
        for seq, kind, body, _, received_at_us in rows:
            event_types = word_index.index_words(connection, seq, kind, body)
            counters += counters_of(received_at_us, kind, event_types)
        arrivals.count(connection, counters, by=1)
    return progress_of(connection)


def _take(connection: sqlite3.Connection, name: str, end: int, count: int) -> list[_Row]:
    """Return the next records up to a limit in bytes, but at least one, and note the progress."""
    rows: list[_Row] = []
    taken_bytes = 0
    cursor = connection.execute(
        "SELECT seq, kind, body, receiver_id, received_at_us FROM record"
        " WHERE seq > (SELECT seq FROM progress WHERE name = ?) AND seq <= ? ORDER BY seq LIMIT ?",
        (name, end, count),
    )
    for row in cursor:
        rows.append(row)
        taken_bytes += len(row[2])
        if taken_bytes > _BYTES_AT_ONCE:
            break
    cursor.close()
    if rows:
        connection.execute("UPDATE progress SET seq = ? WHERE name = ?", (rows[-1][0], name))
    return rows
