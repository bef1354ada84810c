"""Choose the oldest records, to remove them."""

from collections.abc import Collection
from datetime import datetime

from okhook.quantities import Keep, KeepAge, KeepCount, KeepSize
from okhook.store.conditions import NOT_FORWARDED
from okhook.store.contract import PrunePlan
from okhook.store.rows import Row, microseconds
from okhook.store.sql import SqlConnection, listed, number, run

_BEYOND_COUNT = "SELECT seq FROM okhook.record ORDER BY seq DESC LIMIT 1 OFFSET :count"
_BEYOND_SIZE = """
    SELECT max(seq) FROM (
        SELECT seq, sum(length(body) + length(headers)) OVER (
            ORDER BY seq DESC ROWS UNBOUNDED PRECEDING
        ) AS kept_bytes FROM okhook.record
    ) AS counted WHERE kept_bytes > :size_bytes
"""
"""The newest record that is not kept, if there is one."""


def plan(connection: SqlConnection, keep: Keep, *, now: datetime) -> PrunePlan:
    """Return what to remove to keep only ``keep``."""
    up_to_seq, before = None, None
    match keep:
        case KeepAge(age):
            before = now - age
        case KeepCount(count):
            up_to_seq = number(connection, _BEYOND_COUNT, count=count)
        case KeepSize(size_bytes):
            up_to_seq = number(connection, _BEYOND_SIZE, size_bytes=size_bytes)
    found = run(
        connection,
        f"SELECT count(*) FILTER (WHERE NOT held),"  # noqa: S608 - our own conditions
        f" coalesce(sum(size_bytes) FILTER (WHERE NOT held), 0), count(*) FILTER (WHERE held)"
        f" FROM (SELECT length(body) + length(headers) AS size_bytes, {NOT_FORWARDED} AS held"
        f" FROM okhook.record WHERE {_cut(up_to_seq, before)}) AS found",
    )
    counted = map(int, found.fetchone() or (0, 0, 0))
    return PrunePlan(up_to_seq, before, *counted)


def planned_condition(planned: PrunePlan, *, held_too: bool) -> str:
    """Return the condition of the records to remove."""
    cut = _cut(planned.up_to_seq, planned.received_before)
    return cut if held_too else f"{cut} AND NOT {NOT_FORWARDED}"


def _cut(up_to_seq: int | None, before: datetime | None) -> str:
    if before is None:
        return f"record.seq <= {up_to_seq}"
    return f"received_at_us < {microseconds(before)}"


def oldest(connection: SqlConnection, condition: str, last_indexed: int, count: int) -> list[Row]:
    """Return ``seq``, kind, body and time of the oldest records to remove.

    The newest record stays until it is indexed: the progress of deriving ends there.
    """
    rows = run(
        connection,
        f"SELECT record.seq, kind, body, received_at_us FROM okhook.record WHERE {condition}"  # noqa: S608 - our own conditions
        f" AND (record.seq <= {last_indexed}"
        " OR record.seq < (SELECT max(seq) FROM okhook.record))"
        f" ORDER BY record.seq LIMIT {count}",
    )
    return list(rows)


def remove(connection: SqlConnection, seqs: Collection[int]) -> None:
    """Remove records, and what became of them, but not from the indexes of ids and words."""
    for table in ("duplicate", "commit_time", "attempt", "forward", "record"):
        run(connection, f"DELETE FROM okhook.{table} WHERE seq IN {listed(seqs)}")  # noqa: S608 - our own tables
