"""The queue to an app: first attempts as they arrived, and retries when they are due.

The store has both in full. Memory has only the next entries, and reads them by the handful: each
read is a round trip to a thread, or to a database.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import anyio

from okhook.forward.retry import TargetState, is_due
from okhook.records.attempt import Forward, ForwardState, Target
from okhook.records.record import Record
from okhook.store.contract import Store

RECORDS_AT_ONCE = 16
"""How many deliveries are read at once, while their bodies have fewer than 256 KiB."""

_BYTES_AT_ONCE = 256 * 1024
_FRESH_S = 1.0
"""How long a delivery that was read is used, so that none is sent that was pruned long ago."""

_READ_AHEAD = 256
"""How many first attempts are read at a time, by their numbers only."""

_RETRIES_KNOWN = 2
"""How many retries are read: a suspect that is first needs one that can go before it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to send now, as attempt ``number`` (1 …)."""

    seq: int
    number: int

    @property
    def is_first(self) -> bool:
        """Whether the store has no attempt of it."""
        return self.number == 1


class DeliveryQueue:
    """The deliveries to send to one app. One task takes; any task may put back.

    ``noted_to`` is the cursor in the store. Changes are counted, and the count that was read is
    kept, so that a change during a read or a failed read leads to another read.
    """

    def __init__(self, store: Store, target: Target, *, duplicates: bool) -> None:
        self._store = store
        self._url = target.url
        self._duplicates = duplicates
        self._looked_to = target.cursor
        self.noted_to = target.cursor
        self._firsts: deque[int] = deque()
        self._growth, self._growth_read = 1, 0
        self._retries: list[Forward] = []
        self._changes, self._changes_read = 1, 0
        self._taken: dict[int, Due] = {}
        self._pruned: set[int] = set()
        self._was_retry = False
        self._records: dict[int, Record] = {}
        self._read_at_s = 0.0

    @property
    def taken(self) -> int:
        """How many deliveries were taken and not put back."""
        return len(self._taken)

    @property
    def next_at(self) -> datetime | None:
        """When the first retry is due; None if there is none."""
        return next((forward.next_at for forward in self._retries), None)

    def grew(self) -> None:
        """Look for new deliveries next time."""
        self._growth += 1

    def look_again(self) -> None:
        """Read everything again next time: another process may have sent some of it."""
        self._growth += 1
        self._changes += 1
        if not self._taken:
            self._looked_to = self.cursor()
            self._firsts.clear()

    async def look(self) -> None:
        """Read what to send next from the store, if that may have changed."""
        while self._growth_read != self._growth and not self._firsts:
            growth = self._growth
            found = await self._store.eligible(
                self._url, self._looked_to, _READ_AHEAD, duplicates=self._duplicates
            )
            if found.looked_to == self._looked_to:
                self._growth_read = growth
            self._looked_to = found.looked_to
            self._firsts.extend(found.seqs)
        while self._changes_read != self._changes:
            changes = self._changes
            aside = self._taken.keys() | self._pruned
            waiting = await self._store.waiting(self._url, len(aside) + _RETRIES_KNOWN)
            self._retries = [forward for forward in waiting if forward.seq not in aside]
            self._changes_read = changes

    def take(self, at: datetime, state: TargetState) -> Due | None:
        """Take the next delivery, None if nothing is due. Call :meth:`look` just before.

        First attempts and retries take turns. A down app gets retries first, so that what failed
        first arrives first. A suspect comes last.
        """
        firsts = [Due(self._firsts[0], 1)] if self._firsts else []
        retries = [
            Due(forward.seq, forward.attempts + 1)
            for forward in self._retries
            if forward.next_at is None
            or is_due(forward.next_at, at)
            or (state.listens_again and forward.seq == state.tried)
        ]
        candidates = [*retries, *firsts]
        if state.is_down:
            candidates.sort(key=lambda due: due.seq == state.suspect)
        elif self._was_retry:
            candidates = [*firsts, *retries]
        if not candidates:
            return None
        due = candidates[0]
        self._taken[due.seq] = due
        self._was_retry = not due.is_first
        if due.is_first:
            self._firsts.popleft()
        else:
            self._changes += 1
        return due

    async def record(self, due: Due) -> Record | None:
        """Return a delivery that was taken, None if it was pruned."""
        await self._read([due.seq, *(self._next_firsts() if due.is_first else ())])
        return self._records.pop(due.seq, None)

    async def read_ahead(self) -> None:
        """Read the next first attempts, as far as they are known."""
        if seqs := self._next_firsts():
            await self._read(seqs)

    def _next_firsts(self) -> list[int]:
        return list(islice(self._firsts, RECORDS_AT_ONCE))

    async def _read(self, seqs: Sequence[int]) -> None:
        """Read the records, unless the first of them was just read."""
        is_fresh = anyio.current_time() < self._read_at_s + _FRESH_S
        if not is_fresh or seqs[0] not in self._records:
            found = await self._store.records(seqs, _BYTES_AT_ONCE)
            self._read_at_s = anyio.current_time()
            self._records = {record.seq: record for record in found}

    def cursor(self, *, once_noted: Due | None = None) -> int:
        """Return up to which ``seq`` the store has every outcome, once it has ``once_noted``'s."""
        open_firsts = [
            due.seq for due in self._taken.values() if due.is_first and due != once_noted
        ]
        if self._firsts:
            open_firsts.append(self._firsts[0])
        return min(open_firsts, default=self._looked_to + 1) - 1

    def noted(self, cursor: int) -> None:
        """Remember that the store has this cursor."""
        self.noted_to = max(self.noted_to, cursor)

    def put_back(self, due: Due, forward: Forward) -> None:
        """Put back a delivery after its attempt; the store has ``forward``."""
        del self._taken[due.seq]
        if forward.state is ForwardState.WAITING:
            self._changes += 1

    def give_back(self, due: Due) -> None:
        """Put back a delivery that was not attempted."""
        del self._taken[due.seq]
        if due.is_first:
            self._firsts.appendleft(due.seq)
        else:
            self._changes += 1

    def leave_out(self, due: Due) -> None:
        """Forget a delivery that was pruned."""
        del self._taken[due.seq]
        self._pruned.add(due.seq)
