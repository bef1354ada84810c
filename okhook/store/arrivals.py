"""Counters of what arrived, by hour: a look at them reads no record."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from okhook.store.contract import Arrivals
from okhook.store.rows import microseconds, moment_of, text_of
from okhook.store.sql import SqlConnection, run, run_each, stored_text

_HOUR_US = 3_600_000_000


Counters = Counter[tuple[int, str, str]]
"""How many records arrived, by hour, kind and event type; the type ``""`` counts them all."""


def counters_of(received_at_us: int, kind: str, event_types: Iterable[str]) -> Counters:
    """Return the counters of one record."""
    hour = received_at_us // _HOUR_US
    return Counter((hour, kind, each) for each in ("", *event_types))


_COUNT = """
    INSERT INTO okhook.arrival (hour, kind, event_type, count)
    VALUES (:hour, :kind, :event_type, :count)
    ON CONFLICT (hour, kind, event_type) DO UPDATE SET count = arrival.count + excluded.count
"""


def count(connection: SqlConnection, counters: Counters, *, by: int) -> None:
    """Add records to the counters, or with ``by=-1`` remove them."""
    rows = [
        {
            "hour": hour,
            "kind": kind,
            "event_type": stored_text(connection, event_type),
            "count": number * by,
        }
        for (hour, kind, event_type), number in sorted(counters.items())
    ]
    run_each(connection, _COUNT, rows)


def arrivals_since(connection: SqlConnection, since: datetime) -> list[Arrivals]:
    """Return the counters of the hours that ended after ``since``, oldest first."""
    rows = run(
        connection,
        "SELECT hour, kind, event_type, count FROM okhook.arrival"
        " WHERE hour >= :hour AND count > 0",
        hour=microseconds(since) // _HOUR_US,
    )
    return [
        Arrivals(moment_of(hour * _HOUR_US), kind, text_of(event_type) or None, count)
        for hour, kind, event_type, count in sorted(rows)
    ]


def event_types_seen(connection: SqlConnection) -> frozenset[str]:
    """Return every event type that was ever indexed, in pruned records too."""
    found = run(connection, "SELECT name FROM okhook.event_type")
    return frozenset(text_of(name) for (name,) in found)
