"""The System Log: numbered entries in order, of which the oldest are dropped.

Entries are kept as the bytes that the API answers with: 200,000 Python objects would take a
gigabyte, and a page needs no JSON to be read or written.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from okhook.wire.delivery import body_of

CAPACITY = 200_000
"""How many entries are kept; Okta keeps 90 days."""

_SLACK = 1_000
"""How many entries above the capacity are dropped at once."""

_seq = attrgetter("seq")


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as JSON. ``seq`` only ever grows."""

    seq: int
    published: datetime
    event_type: str
    body: bytes

    @property
    def entry(self) -> dict[str, Any]:
        """The entry, parsed on each access."""
        entry: dict[str, Any] = json.loads(self.body)
        return entry


def epoch_ms(moment: datetime) -> int:
    """Return an aware time in milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def logged(seq: int, published: datetime, entry: dict[str, Any]) -> Logged:
    """Return ``entry`` as the log keeps it."""
    return Logged(seq, published, str(entry.get("eventType", "")), body_of(entry))


class SystemLog:
    """Entries, oldest first.

    ``earlier`` entries keep their numbers; new ones start at ``first_seq`` or higher. If that comes
    from the clock, a cursor of an earlier org on the same port skips no entry of this org.
    """

    def __init__(self, first_seq: int, earlier: Iterable[Logged] = ()) -> None:
        self._entries: list[Logged] = []
        self._latest: list[datetime] = []
        self._next_seq = first_seq
        for entry in earlier:
            self._add(entry)

    def append(self, published: datetime, entry: dict[str, Any]) -> Logged:
        """Add an entry and return it."""
        return self._add(logged(self._next_seq, published, entry))

    @property
    def last_seq(self) -> int:
        """The number of the newest entry, or the one before the first."""
        return self._next_seq - 1

    def read(
        self, cursor: int | None, since: datetime, *, descending: bool = False
    ) -> Iterator[Logged]:
        """Yield the entries on the other side of number ``cursor``, without old ones.

        If the log is not in the order of its times, some entries may be from before ``since``.
        """
        start = max(bisect_left(self._latest, since), len(self._entries) - CAPACITY)
        end = len(self._entries)
        if cursor is not None and descending:
            end = bisect_left(self._entries, cursor, key=_seq)
        elif cursor is not None:
            start = max(start, bisect_right(self._entries, cursor, key=_seq))
        indexes = range(start, end)
        for index in reversed(indexes) if descending else indexes:
            yield self._entries[index]

    def newest(self, count: int) -> list[Logged]:
        """Return the newest ``count`` entries, oldest first."""
        return self._entries[-count:]

    def _add(self, entry: Logged) -> Logged:
        latest = self._latest[-1] if self._latest else entry.published
        self._entries.append(entry)
        self._latest.append(max(latest, entry.published))
        self._next_seq = max(self._next_seq, entry.seq + 1)
        if len(self._entries) > CAPACITY + _SLACK:
            del self._entries[:_SLACK], self._latest[:_SLACK]
        return entry
