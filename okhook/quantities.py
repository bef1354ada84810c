"""Times, amounts and rates as people write them: ``2h``, ``500MB``, ``10/s``.

The functions that parse raise :class:`NotAQuantity`.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple

_SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES: Final[Mapping[str, int]] = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
}
_NUMBER_AND_UNIT = re.compile(r"(?P<number>[0-9]{1,15}(?:\.[0-9]{1,9})?) ?(?P<unit>[A-Za-z]+)")
_DECIMAL = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_COUNT = re.compile(r"[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RATE = re.compile(r"(?P<count>[0-9]{1,9}(?:\.[0-9]{1,9})?)(?:/(?P<unit>[smh]))?")


class NotAQuantity(ValueError):
    """The text is not a valid quantity. The message shows valid ones."""


class KeepAge(NamedTuple):
    """Keep the records that arrived within ``age``."""

    age: timedelta


class KeepCount(NamedTuple):
    """Keep the newest ``records``."""

    records: int


class KeepSize(NamedTuple):
    """Keep the newest records, as many as fit into ``size_bytes``."""

    size_bytes: int


Keep = KeepAge | KeepCount | KeepSize


def parse_since(text: str, *, now: datetime) -> datetime:
    """Return the start of a period, in UTC.

    ``text`` is an age (``90s``, ``30m``, ``2h``, ``7d``, ``1w``), a date, a time in ISO 8601, or
    ``now``. A time without an offset is local. A date means its first moment.
    """
    return _moment(text, now, time.min)


def parse_until(text: str, *, now: datetime) -> datetime:
    """Return the end of a period like :func:`parse_since`. A date means its last moment."""
    return _moment(text, now, time.max)


def parse_age(text: str) -> timedelta:
    """Return a length of time: ``90s``, ``10m``, ``2h``, ``7d``, ``1w``; ``90`` is in seconds."""
    text = text.strip()
    age = _age(f"{text}s" if _DECIMAL.fullmatch(text) else text)
    if age is None:
        raise NotAQuantity("use a duration like 30s, 10m or 24h")
    return age


def parse_keep(text: str) -> Keep:
    """Return how much to keep: an age (``30d``), a count (``10000``) or a size (``500MB``).

    kB, MB and GB are decimal; KiB, MiB and GiB are binary.
    """
    text = text.strip()
    if _COUNT.fullmatch(text):
        return KeepCount(int(text))
    if (age := _age(text)) is not None:
        return KeepAge(age)
    found = _NUMBER_AND_UNIT.fullmatch(text)
    if found and found["unit"].lower() in _BYTES:
        return KeepSize(round(float(found["number"]) * _BYTES[found["unit"].lower()]))
    raise NotAQuantity("use an age like 30d, a count like 10000, or a size like 500MB")


def shown_size(size_bytes: int) -> str:
    """Return a size as people read it: ``512 B``, ``216 KiB``, ``1.5 GiB``."""
    amount = float(size_bytes)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def parse_rate(text: str) -> float:
    """Return the interval in seconds of a rate: ``10/s``, ``100/m``, or ``5`` for ``5/s``."""
    found = _RATE.fullmatch(text.strip())
    count = float(found["count"]) if found else 0.0
    if not found or not 0.001 <= count <= 1e6:
        raise NotAQuantity("use a rate like 10/s, 100/m, or 5 for five a second")
    return _SECONDS[found["unit"] or "s"] / count


def _moment(text: str, now: datetime, time_of_date: time) -> datetime:
    text = text.strip()
    try:
        if (age := _age("0s" if text == "now" else text)) is not None:
            return now.astimezone(UTC) - age
        moment = datetime.fromisoformat(text)
        if _DATE.fullmatch(text):
            moment = datetime.combine(moment, time_of_date)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotAQuantity(
            "use an age like 2h or 7d, a date like 2026-11-24, or a time like 2026-11-24T12:00"
        ) from None


def _age(text: str) -> timedelta | None:
    """Return an age, or None if the text is something else or the age is too long."""
    found = _NUMBER_AND_UNIT.fullmatch(text)
    if found is None or found["unit"] not in _SECONDS:
        return None
    with suppress(OverflowError):
        return timedelta(seconds=float(found["number"]) * _SECONDS[found["unit"]])
    return None
