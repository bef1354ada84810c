"""Records read by where they stand."""

import sqlite3

from okhook.records.record import Record
from okhook.store.rows import RECORD_COLUMNS, record_of


def records_after(connection: sqlite3.Connection, seq: int, limit: int) -> list[Record]:
    """Return up to ``limit`` records after ``seq`` whose duplicates are known, in order."""
    rows = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM record WHERE record.seq > ?"  # noqa: S608 - our own column names
        " AND record.seq <= (SELECT seq FROM progress WHERE name = 'recognised')"
        " ORDER BY record.seq LIMIT ?",
        (seq, limit),
    )
    return [record_of(row) for row in rows]


def record_at(connection: sqlite3.Connection, seq: int) -> Record | None:
    """Return a record, or None where there is none of that ``seq``."""
    row = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM record WHERE record.seq = ?",  # noqa: S608 - our own column names
        (seq,),
    ).fetchone()
    return None if row is None else record_of(row)
