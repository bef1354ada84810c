"""Remove the oldest records, in short transactions, so that running receivers can go on."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from okhook.quantities import Keep, KeepAge, KeepCount, KeepSize
from okhook.store.arrivals import Counters, counters_of
from okhook.store.conditions import not_forwarded
from okhook.store.contract import PrunePlan
from okhook.store.duplicates import hash_of, keys_of
from okhook.store.postgres import arrivals
from okhook.store.postgres.connection import Connection, transaction
from okhook.store.postgres.locks import FORWARDING, take
from okhook.store.rows import microseconds
from okhook.store.search_terms import indexed
from okhook.wire.delivery import delivery_in

_AT_ONCE = 100

_BEYOND_COUNT = """
    SELECT coalesce((SELECT seq FROM okhook.record ORDER BY seq DESC LIMIT 1 OFFSET %s), 0)
"""
_BEYOND_SIZE = """
    SELECT coalesce(max(seq), 0) FROM (
        SELECT seq, sum(octet_length(body) + octet_length(headers)) OVER (
            ORDER BY seq DESC ROWS UNBOUNDED PRECEDING
        ) AS kept_bytes FROM okhook.record
    ) AS counted WHERE kept_bytes > %s
"""
"""The newest record that is not kept, 0 if all are."""

_NOT_FORWARDED = not_forwarded("okhook.")


def plan(connection: Connection, keep: Keep, *, now: datetime) -> PrunePlan:
    """Return what to remove to keep only ``keep``."""
    up_to_seq, before = None, None
    match keep:
        case KeepAge(age):
            before = now - age
        case KeepCount(count):
            up_to_seq = _number(connection, _BEYOND_COUNT, count)
        case KeepSize(size_bytes):
            up_to_seq = _number(connection, _BEYOND_SIZE, size_bytes)
    condition, values = _cut(up_to_seq, before)
    row = connection.execute(
        f"SELECT count(*) FILTER (WHERE NOT held),"  # noqa: S608 - our own conditions
        f" coalesce(sum(size_bytes) FILTER (WHERE NOT held), 0)::bigint,"
        f" count(*) FILTER (WHERE held)"
        f" FROM (SELECT octet_length(body) + octet_length(headers) AS size_bytes,"
        f" {_NOT_FORWARDED} AS held FROM okhook.record WHERE {condition}) AS found",
        values,
    ).fetchone()
    count, size_bytes, held = row or (0, 0, 0)
    return PrunePlan(up_to_seq, before, count, size_bytes, held)


def prune(connection: Connection, planned: PrunePlan, *, held_too: bool) -> Iterator[int]:
    """Remove the planned records, and yield how many each step removed.

    The newest record stays until it is indexed, as in every store.
    """
    condition, values = _cut(planned.up_to_seq, planned.received_before)
    if not held_too:
        condition = f"{condition} AND NOT {_NOT_FORWARDED}"
    while removed := _remove_some(connection, condition, values):
        yield removed


def _cut(up_to_seq: int | None, before: datetime | None) -> tuple[str, dict[str, Any]]:
    if before is None:
        return "record.seq <= %(seq)s", {"seq": up_to_seq}
    return "received_at_us < %(before)s", {"before": microseconds(before)}


def _remove_some(connection: Connection, condition: str, values: dict[str, Any]) -> int:
    with transaction(connection):
        # As deriving does, so that no step of it sees a record come and go.
        progress: dict[str, int] = dict(
            connection.execute("SELECT name, seq FROM okhook.progress ORDER BY name FOR UPDATE")
        )
        take(connection, FORWARDING)
        rows = connection.execute(
            "DELETE FROM okhook.record WHERE seq IN ("  # noqa: S608 - our own conditions
            f"SELECT record.seq FROM okhook.record WHERE {condition} AND"
            " (record.seq <= %(indexed)s OR record.seq < (SELECT max(seq) FROM okhook.record))"
            f" ORDER BY record.seq LIMIT {_AT_ONCE})"
            " RETURNING seq, kind, body, received_at_us",
            {**values, "indexed": progress["indexed"]},
            binary=True,
        ).fetchall()
        if rows:
            _forget(connection, rows, progress["indexed"])
    return len(rows)


def _forget(connection: Connection, rows: list[tuple[Any, ...]], last_indexed: int) -> None:
    seqs = [seq for seq, *_ in rows]
    keys = {key for _, _, body, _ in rows for key in keys_of(delivery_in(body))}
    connection.execute(
        "DELETE FROM okhook.seen WHERE hash = ANY(%s::bigint[]) AND seq = ANY(%s::bigint[])",
        ([hash_of(key) for key in keys], seqs),
    )
    connection.execute(
        "DELETE FROM okhook.occurrence WHERE seq = ANY(%s::bigint[])"
        " AND event_type_id IN (SELECT id FROM okhook.event_type)",
        (seqs,),
    )
    each = (
        counters_of(at, kind, indexed(kind, body)[2])
        for seq, kind, body, at in rows
        if seq <= last_indexed
    )
    arrivals.count(connection, sum(each, Counters()), by=-1)
    for table in ("duplicate", "word", "commit_time", "attempt", "forward"):
        connection.execute(
            f"DELETE FROM okhook.{table} WHERE seq = ANY(%s::bigint[])",  # noqa: S608 - our own tables
            (seqs,),
        )


def _number(connection: Connection, question: str, *values: int) -> int:
    row = connection.execute(question, values).fetchone()
    return 0 if row is None else int(row[0])
