"""Prune: remove the oldest records, and everything derived from them.

Each step is a short transaction, so a running receiver can go on.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from okhook.quantities import Keep, KeepAge, KeepCount, KeepSize
from okhook.store.contract import PrunePlan
from okhook.store.sqlite import duplicates, words
from okhook.store.sqlite.connection import transaction
from okhook.store.sqlite.deriving import progress_of
from okhook.store.sqlite.ledger import NO_DUPLICATE
from okhook.store.sqlite.rows import microseconds

_AT_ONCE = 100
_PAGES_AT_ONCE = 256

_NOT_FORWARDED = f"""(
    EXISTS (
        SELECT 1 FROM forward WHERE forward.seq = record.seq AND forward.state != 'done'
    ) OR (kind = 'delivery' AND {NO_DUPLICATE} AND EXISTS (
        SELECT 1 FROM target WHERE record.seq > target.cursor AND NOT EXISTS (
            SELECT 1 FROM forward
            WHERE forward.seq = record.seq AND forward.target_id = target.id
        )
    ))
)"""  # noqa: S608 - our own conditions
"""The condition of a record that a target has not accepted: waiting, failed or not attempted."""


def plan(connection: sqlite3.Connection, keep: Keep, now: datetime) -> PrunePlan:
    """Return what to remove to keep only ``keep``."""
    up_to_seq, before = None, None
    match keep:
        case KeepAge(age):
            before = now - age
        case KeepCount(count):
            up_to_seq = _seq_beyond_count(connection, count)
        case KeepSize(size_bytes):
            up_to_seq = _seq_beyond_size(connection, size_bytes)
    condition, values = _cut(up_to_seq, before)
    count, size_bytes, held = connection.execute(
        f"SELECT count(*) FILTER (WHERE NOT held),"  # noqa: S608 - our own conditions
        f" ifnull(sum(size_bytes) FILTER (WHERE NOT held), 0), count(*) FILTER (WHERE held)"
        f" FROM (SELECT length(body) + length(headers) AS size_bytes,"
        f" {_NOT_FORWARDED} AS held FROM record WHERE {condition})",
        values,
    ).fetchone()
    return PrunePlan(up_to_seq, before, count, size_bytes, held)


def prune(connection: sqlite3.Connection, planned: PrunePlan, *, held_too: bool) -> Iterator[int]:
    """Remove the planned records, and yield how many each step removed."""
    condition, values = _cut(planned.up_to_seq, planned.received_before)
    if not held_too:
        condition = f"{condition} AND NOT {_NOT_FORWARDED}"
    while removed := _remove_some(connection, condition, values):
        yield removed
    _give_back(connection)


def _cut(up_to_seq: int | None, before: datetime | None) -> tuple[str, dict[str, Any]]:
    """Return the SQL condition of the records to remove, and its values."""
    if before is None:
        return "record.seq <= :seq", {"seq": up_to_seq}
    return "received_at_us < :before", {"before": microseconds(before)}


def _seq_beyond_count(connection: sqlite3.Connection, count: int) -> int:
    row = connection.execute(
        "SELECT seq FROM record ORDER BY seq DESC LIMIT 1 OFFSET ?", (count,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def _seq_beyond_size(connection: sqlite3.Connection, size_bytes: int) -> int:
    """Return the newest record that does not fit, 0 if all fit."""
    kept_bytes = 0
    rows = connection.execute(
        "SELECT seq, length(body) + length(headers) FROM record ORDER BY seq DESC"
    )
    with closing(rows):
        for seq, record_bytes in rows:
            kept_bytes += record_bytes
            if kept_bytes > size_bytes:
                return int(seq)
    return 0


def _remove_some(connection: sqlite3.Connection, condition: str, values: dict[str, Any]) -> int:
    """Remove the oldest few records that are already indexed."""
    with transaction(connection):
        rows = connection.execute(
            f"SELECT record.seq, kind, body FROM record WHERE {condition}"  # noqa: S608 - our own conditions
            f" AND record.seq <= :derived ORDER BY record.seq LIMIT {_AT_ONCE}",
            {**values, "derived": progress_of(connection).indexed},
        ).fetchall()
        for seq, kind, body in rows:
            words.forget(connection, seq, kind, body)
            duplicates.forget(connection, seq, body)
            for table in ("attempt", "forward", "record"):
                connection.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608 - our own tables
    return len(rows)


def _give_back(connection: sqlite3.Connection) -> None:
    """Return freed pages to the disk, as far as the file's format allows."""
    for _ in words.merge(connection):
        pass
    while _number(connection, "freelist_count"):
        before = _number(connection, "page_count")
        connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
        if _number(connection, "page_count") == before:
            break
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
