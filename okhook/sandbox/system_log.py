"""The System Log: entries in their order, as many as are kept, each with a number.

Entries are kept as the bytes that the API answers with: a log of 200,000 would take a gigabyte as
Python objects, and pages are made without reading or writing any JSON.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, final

from okhook.wire.envelope import body_of

CAPACITY = 200_000
"""How many entries are kept; Okta keeps 90 days."""

_SLACK = 1_000
"""How many more there may be before the oldest are let go, all at once."""

_published = attrgetter("published")
_seq = attrgetter("seq")


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as JSON, and its number, which only ever grows."""

    seq: int
    published: datetime
    event_type: str
    body: bytes

    @property
    def entry(self) -> dict[str, Any]:
        """The entry, read anew each time."""
        entry: dict[str, Any] = json.loads(self.body)
        return entry


def epoch_ms(moment: datetime) -> int:
    """Return an aware time in milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def logged(seq: int, published: datetime, entry: dict[str, Any]) -> Logged:
    """Return ``entry`` as the log keeps it."""
    return Logged(seq, published, str(entry.get("eventType", "")), body_of(entry))


@final
class SystemLog:
    """Entries, oldest first.

    ``earlier`` keep their numbers. New ones count on from ``first_seq`` at least: where that comes
    from the clock, a cursor that an earlier org gave on the same port hides nothing of this one.
    """

    def __init__(self, first_seq: int, earlier: Iterable[Logged] = ()) -> None:
        self._entries: list[Logged] = []
        self._latest: list[datetime] = []
        self._next_seq = first_seq
        for entry in earlier:
            self._add(entry)

    def append(self, published: datetime, entry: dict[str, Any]) -> Logged:
        """Add an entry; the oldest makes room for it."""
        return self._add(logged(self._next_seq, published, entry))

    def backdate(self, entries: Iterable[tuple[datetime, dict[str, Any]]]) -> None:
        """Add entries of the past, each where its time belongs.

        All entries get new numbers, so that whoever holds a cursor reads the whole log again
        rather than missing what lies before it.
        """
        added = [logged(0, published, entry) for published, entry in entries]
        everything = sorted([*self._entries, *added], key=_published)
        self._entries, self._latest = [], []
        for entry in everything:
            self._add(Logged(self._next_seq, entry.published, entry.event_type, entry.body))

    @property
    def last_seq(self) -> int:
        """The number of the newest entry, or the one before the first."""
        return self._next_seq - 1

    def forwards(self, *, after: int | None, since: datetime) -> Iterator[Logged]:
        """Yield entries behind number ``after``, oldest first, but for old ones before ``since``.

        An entry whose time lies before ``since`` may come where the log is not in the order of
        its times.
        """
        start = self._first_since(since)
        if after is not None:
            start = max(start, bisect_right(self._entries, after, key=_seq))
        for index in range(start, self._end):
            yield self._entries[index]

    def backwards(self, *, before: int | None, since: datetime) -> Iterator[Logged]:
        """Yield entries with numbers below ``before``, newest first; else as :meth:`forwards`."""
        start = self._first_since(since)
        end = self._end
        if before is not None:
            end = bisect_left(self._entries, before, key=_seq)
        for index in range(end - 1, start - 1, -1):
            yield self._entries[index]

    def newest(self, count: int) -> list[Logged]:
        """Return the newest ``count`` entries, oldest first."""
        return self._entries[max(0, self._end - count) :] if count > 0 else []

    @property
    def _end(self) -> int:
        return len(self._entries)

    def _first_since(self, since: datetime) -> int:
        """Return where entries begin of which one may be from ``since`` or later."""
        return max(bisect_left(self._latest, since), self._end - CAPACITY)

    def _add(self, entry: Logged) -> Logged:
        latest = self._latest[-1] if self._latest else entry.published
        self._entries.append(entry)
        self._latest.append(max(latest, entry.published))
        self._next_seq = max(self._next_seq, entry.seq + 1)
        if self._end > CAPACITY + _SLACK:
            del self._entries[:_SLACK], self._latest[:_SLACK]
        return entry
