"""The counters of :mod:`okhook.store.arrivals` in SQL."""

from datetime import datetime

from okhook.store.arrivals import Arrivals, Counters, arrivals_of, hour_of
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.rows import to_bytes, to_text

_COUNT = """
    INSERT INTO okhook.arrival AS kept (hour, kind, event_type, count) VALUES (%s, %s, %s, %s)
    ON CONFLICT (hour, kind, event_type) DO UPDATE SET count = kept.count + excluded.count
"""


def count(connection: Connection, counters: Counters, *, by: int) -> None:
    """Add records to the counters, or with ``by=-1`` remove them."""
    rows = [
        (hour, kind, to_bytes(event_type), number * by)
        for (hour, kind, event_type), number in sorted(counters.items())
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, rows)


def arrivals_since(connection: Connection, since: datetime) -> list[Arrivals]:
    """Return the counters of the hours that ended after ``since``, oldest first."""
    rows = connection.execute(
        "SELECT hour, kind, event_type, count FROM okhook.arrival WHERE hour >= %s AND count > 0"
        ' ORDER BY hour, kind COLLATE "C", event_type',
        (hour_of(since),),
        binary=True,
    )
    return [arrivals_of(hour, kind, to_text(name), number) for hour, kind, name, number in rows]
