"""The System Log: entries in their order, as many as are kept, each with a number."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

CAPACITY = 10_000
"""How many entries are kept; Okta keeps 90 days."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry and its number, which only ever grows."""

    seq: int
    published: datetime
    entry: dict[str, Any]


@final
class SystemLog:
    """Entries, oldest first.

    ``earlier`` keep their numbers. New ones count on from ``first_seq`` at least: where that comes
    from the clock, a cursor that an earlier org gave on the same port hides nothing of this one.
    """

    def __init__(self, first_seq: int, earlier: Iterable[Logged] = ()) -> None:
        self._entries: deque[Logged] = deque(earlier, maxlen=CAPACITY)
        last = self._entries[-1].seq if self._entries else 0
        self._next_seq = max(first_seq, last + 1)

    def append(self, published: datetime, entry: dict[str, Any]) -> Logged:
        """Add an entry; the oldest makes room where there is none."""
        logged = Logged(self._next_seq, published, entry)
        self._next_seq += 1
        self._entries.append(logged)
        return logged

    @property
    def last_seq(self) -> int:
        """The number of the newest entry, or the one before the first."""
        return self._next_seq - 1

    def entries(self) -> list[Logged]:
        """Return all that is kept, oldest first."""
        return list(self._entries)

    def newest(self, count: int) -> list[Logged]:
        """Return the newest ``count`` entries, oldest first."""
        return self.entries()[-count:]
