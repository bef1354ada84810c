"""Counters of what arrived, by hour: a look at them reads no record."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many records of a kind arrived in the hour that began at ``hour``.

    With an ``event_type``, only those that contain such an event; without one, all of them.
    """

    hour: datetime
    kind: str
    event_type: str | None
    count: int


Counters = Counter[tuple[int, str, str]]
"""How many records arrived, by hour, kind and event type; the type ``""`` counts them all."""


def counters_of(received_at_us: int, kind: str, event_types: Iterable[str]) -> Counters:
    """Return the counters of one record."""
    hour = received_at_us // (_HOUR // _MICROSECOND)
    return Counter((hour, kind, each) for each in ("", *event_types))


def hour_of(moment: datetime) -> int:
    """Return the number of an hour, counted from the beginning of 1970."""
    return (moment - _EPOCH) // _HOUR


def arrivals_of(hour: int, kind: str, event_type: str, count: int) -> Arrivals:
    """Return a counter as the reader shows it."""
    return Arrivals(_EPOCH + hour * _HOUR, kind, event_type or None, count)
