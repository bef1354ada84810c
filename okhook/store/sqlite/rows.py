"""Read records from the SQLite store."""

import sqlite3
from collections.abc import Sequence

from okhook.records.record import Record
from okhook.store.rows import record_of

RECORD_COLUMNS = (
    "record.seq, kind, received_at_us, method, path, headers, body, status, reason, auth,"
    " (SELECT first_seq FROM duplicate WHERE duplicate.seq = record.seq),"
    " (SELECT name FROM receiver WHERE receiver.id = record.receiver_id)"
)


def records_after(connection: sqlite3.Connection, seq: int, limit: int) -> list[Record]:
    """Return up to ``limit`` records after ``seq`` that are checked for duplicates."""
    rows = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM record WHERE record.seq > ?"  # noqa: S608 - our own column names
        " AND record.seq <= (SELECT seq FROM progress WHERE name = 'recognised')"
        " ORDER BY record.seq LIMIT ?",
        (seq, limit),
    )
    return [record_of(row) for row in rows]


def record_at(connection: sqlite3.Connection, seq: int) -> Record | None:
    """Return a record, or None if there is none with this ``seq``."""
    found = records_at(connection, (seq,), 1)
    return found[0] if found else None


def records_at(
    connection: sqlite3.Connection, seqs: Sequence[int], most_bytes: int
) -> list[Record]:
    """Return the records with these ``seq`` until their bodies have ``most_bytes``."""
    marks = ", ".join("?" * len(seqs))
    rows = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM record WHERE record.seq IN ({marks}) ORDER BY record.seq",  # noqa: S608 - our own column names
        seqs,
    )
    found: list[Record] = []
    while most_bytes > 0 and (row := rows.fetchone()) is not None:
        found.append(record_of(row))
        most_bytes -= len(found[-1].request.body)
    rows.close()
    return found
