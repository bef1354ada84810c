"""Counters of what arrived, by hour: a look at them reads no record."""

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from okhook.store.contract import Arrivals
from okhook.store.sqlite.rows import microseconds

_HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_COUNT = """
    INSERT INTO arrival (hour, kind, event_type, count) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count
"""


def count(
    connection: sqlite3.Connection,
    received_at_us: int,
    kind: str,
    event_types: Iterable[str],
    *,
    by: int,
) -> None:
    """Add a record to the counters of its hour, or with ``by=-1`` remove it."""
    hour = received_at_us // _HOUR_US
    connection.executemany(_COUNT, [(hour, kind, each, by) for each in ("", *event_types)])


def since(connection: sqlite3.Connection, moment: datetime) -> list[Arrivals]:
    """Return the counters of the hours that ended after ``moment``, oldest first."""
    rows = connection.execute(
        "SELECT hour, kind, event_type, count FROM arrival WHERE hour >= ? AND count > 0"
        " ORDER BY hour, kind, event_type",
        (microseconds(moment) // _HOUR_US,),
    )
    return [
        Arrivals(_EPOCH + timedelta(hours=hour), kind, event_type or None, counted)
        for hour, kind, event_type, counted in rows
    ]
