"""Choose the oldest records, to remove them."""

from datetime import datetime

from okhook.quantities import Keep, KeepAge, KeepCount, KeepSize
from okhook.store.conditions import not_forwarded
from okhook.store.contract import PrunePlan
from okhook.store.rows import microseconds
from okhook.store.sql import SqlConnection, number, prefix_of

_BEYOND_COUNT = "SELECT seq FROM {record} ORDER BY seq DESC LIMIT 1 OFFSET {count}"
_BEYOND_SIZE = """
    SELECT max(seq) FROM (
        SELECT seq, sum(length(body) + length(headers)) OVER (
            ORDER BY seq DESC ROWS UNBOUNDED PRECEDING
        ) AS kept_bytes FROM {record}
    ) AS counted WHERE kept_bytes > {size_bytes}
"""
"""The newest record that is not kept, if there is one."""


def plan(connection: SqlConnection, keep: Keep, *, now: datetime) -> PrunePlan:
    """Return what to remove to keep only ``keep``."""
    up_to_seq, before = None, None
    record = f"{prefix_of(connection)}record"
    match keep:
        case KeepAge(age):
            before = now - age
        case KeepCount(count):
            up_to_seq = number(connection, _BEYOND_COUNT.format(record=record, count=count))
        case KeepSize(size_bytes):
            beyond = _BEYOND_SIZE.format(record=record, size_bytes=size_bytes)
            up_to_seq = number(connection, beyond)
    held = not_forwarded(prefix_of(connection))
    found = connection.execute(
        f"SELECT count(*) FILTER (WHERE NOT held),"  # noqa: S608 - our own conditions
        f" coalesce(sum(size_bytes) FILTER (WHERE NOT held), 0), count(*) FILTER (WHERE held)"
        f" FROM (SELECT length(body) + length(headers) AS size_bytes, {held} AS held"
        f" FROM {record} WHERE {_cut(up_to_seq, before)}) AS found"
    )
    counted = map(int, found.fetchone() or (0, 0, 0))
    return PrunePlan(up_to_seq, before, *counted)


def planned_condition(connection: SqlConnection, planned: PrunePlan, *, held_too: bool) -> str:
    """Return the condition of the records to remove."""
    cut = _cut(planned.up_to_seq, planned.received_before)
    return cut if held_too else f"{cut} AND NOT {not_forwarded(prefix_of(connection))}"


def _cut(up_to_seq: int | None, before: datetime | None) -> str:
    if before is None:
        return f"record.seq <= {up_to_seq}"
    return f"received_at_us < {microseconds(before)}"
