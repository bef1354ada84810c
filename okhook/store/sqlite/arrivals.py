"""The counters of :mod:`okhook.store.arrivals` in SQL."""

import sqlite3
from datetime import datetime

from okhook.store.arrivals import Arrivals, Counters, arrivals_of, hour_of

_COUNT = """
    INSERT INTO arrival (hour, kind, event_type, count) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count
"""


def count(connection: sqlite3.Connection, counters: Counters, *, by: int) -> None:
    """Add records to the counters, or with ``by=-1`` remove them."""
    rows = [(*counted, number * by) for counted, number in counters.items()]
    connection.executemany(_COUNT, rows)


def arrivals_since(connection: sqlite3.Connection, since: datetime) -> list[Arrivals]:
    """Return the counters of the hours that ended after ``since``, oldest first."""
    rows = connection.execute(
        "SELECT hour, kind, event_type, count FROM arrival WHERE hour >= ? AND count > 0"
        " ORDER BY hour, kind, event_type",
        (hour_of(since),),
    )
    return [arrivals_of(*row) for row in rows]
