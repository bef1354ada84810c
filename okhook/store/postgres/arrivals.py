"""Counters of what arrived, by hour: a look at them reads no record."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from okhook.store.postgres.connection import Connection
from okhook.store.postgres.rows import to_bytes, to_text
from okhook.store.rows import microseconds
from okhook.store.statistics import Arrivals

_HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_COUNT = """
    INSERT INTO okhook.arrival AS kept (hour, kind, event_type, count) VALUES (%s, %s, %s, %s)
    ON CONFLICT (hour, kind, event_type) DO UPDATE SET count = kept.count + excluded.count
"""

Counted = tuple[int, str, Iterable[str]]
"""A record: when it was received in microseconds, its kind, and its event types."""


def count(connection: Connection, records: Iterable[Counted], *, by: int) -> None:
    """Add records to the counters of their hours, or with ``by=-1`` remove them."""
    counted: Counter[tuple[int, str, bytes]] = Counter()
    for received_at_us, kind, event_types in records:
        for name in ("", *event_types):
            counted[received_at_us // _HOUR_US, kind, to_bytes(name)] += by
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, [(*key, number) for key, number in sorted(counted.items())])


def arrivals_since(connection: Connection, since: datetime) -> list[Arrivals]:
    """Return the counters of the hours that ended after ``since``, oldest first."""
    found = connection.execute(
        "SELECT hour, kind, event_type, count FROM okhook.arrival WHERE hour >= %s AND count > 0"
        ' ORDER BY hour, kind COLLATE "C", event_type',
        (microseconds(since) // _HOUR_US,),
        binary=True,
    )
    return [
        Arrivals(_EPOCH + timedelta(hours=hour), kind, to_text(event_type) or None, counted)
        for hour, kind, event_type, counted in found
    ]
