"""Read records from the SQLite store."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from okhook.records.record import Record
from okhook.store.rows import record_of

RECORD_COLUMNS = (
    "record.seq, kind, received_at_us, method, path, headers, body, status, reason, auth,"
    " (SELECT first_seq FROM duplicate WHERE duplicate.seq = record.seq),"
    " (SELECT name FROM receiver WHERE receiver.id = record.receiver_id)"
)


def records_from(
    connection: sqlite3.Connection, source: str, values: Mapping[str, Any] | None = None
) -> list[Record]:
    """Return the records of ``source``: of a table, under conditions, in an order."""
    rows = connection.execute(f"SELECT {RECORD_COLUMNS} FROM {source}", values or {})  # noqa: S608 - our own conditions
    return [record_of(row) for row in rows]


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
