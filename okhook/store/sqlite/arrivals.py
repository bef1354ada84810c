"""Counters of what arrived, by hour: a look at them reads no record."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from okhook.store.rows import microseconds
from okhook.store.statistics import Arrivals

_HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_COUNT = """
    INSERT INTO arrival (hour, kind, event_type, count) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count
"""


Counters = Counter[tuple[int, str, str]]
"""How many records arrived, by hour, kind and event type; the type ``""`` counts them all."""


def counters_of(received_at_us: int, kind: str, event_types: Iterable[str]) -> Counters:
    """Return the counters of one record."""
    hour = received_at_us // _HOUR_US
    return Counter((hour, kind, each) for each in ("", *event_types))


def count(connection: sqlite3.Connection, counters: Counters, *, by: int) -> None:
    """Add records to the counters, or with ``by=-1`` remove them."""
    rows = [(*counted, number * by) for counted, number in counters.items()]
    connection.executemany(_COUNT, rows)


def arrivals_since(connection: sqlite3.Connection, since: datetime) -> list[Arrivals]:
    """Return the counters of the hours that ended after ``since``, oldest first."""
    rows = connection.execute(
        "SELECT hour, kind, event_type, count FROM arrival WHERE hour >= ? AND count > 0"
        " ORDER BY hour, kind, event_type",
        (microseconds(since) // _HOUR_US,),
    )
    return [
        Arrivals(_EPOCH + timedelta(hours=hour), kind, event_type or None, counted)
        for hour, kind, event_type, counted in rows
    ]
