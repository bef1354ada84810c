"""The two lanes to an app: first attempts in order of arrival, and second ones when they are due.

Little of them is held in memory: the store has it all, and is asked again as it is needed.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import final

from okhook.forward.retry import is_due
from okhook.forward.target_state import TargetState
from okhook.records.attempt import Forward, ForwardState, Target
from okhook.store.contract import Store

_READ_AHEAD = 256
"""How many deliveries are known ahead, by their numbers alone."""

_RETRIES_KNOWN = 2
"""How many that wait are known beside those on their way: the first may have to let one pass."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that may be attempted now, for the ``number``-th time."""

    seq: int
    number: int

    @property
    def is_first(self) -> bool:
        """Whether it was not attempted yet, as far as the store knows."""
        return self.number == 1


@dataclass(slots=True)
class _News:
    """Whether something changed since it was read, also where that was during the reading."""

    newest: int = 1
    read: int = 0

    @property
    def is_unread(self) -> bool:
        return self.read != self.newest

    def came(self) -> None:
        self.newest += 1


@final
class Lanes:
    """What is to be sent to one app. One task takes, and any may put back.

    ``noted_to`` is the cursor that the store has.
    """

    def __init__(self, store: Store, target: Target, *, duplicates: bool) -> None:
        self._store = store
        self._url = target.url
        self._duplicates = duplicates
        self._looked_to = target.cursor
        self.noted_to = target.cursor
        self._firsts: deque[int] = deque()
        self._growth = _News()
        self._retries: list[Forward] = []
        self._change = _News()
        self._taken: dict[int, Due] = {}
        self._pruned: set[int] = set()
        self._was_retry = False

    @property
    def taken(self) -> int:
        """How many were taken and not put back."""
        return len(self._taken)

    @property
    def next_at(self) -> datetime | None:
        """When the first of those that wait is due; None where none waits."""
        return next((forward.next_at for forward in self._retries), None)

    def grew(self) -> None:
        """Take note that there may be new deliveries."""
        self._growth.came()

    def look_again(self) -> None:
        """Take note that anything may have changed: another process may have sent some of it."""
        self._growth.came()
        self._change.came()
        if not self._taken:
            self._looked_to = self.cursor()
            self._firsts.clear()

    async def look(self) -> None:
        """Read what is to be sent next, as far as that is not known."""
        while self._growth.is_unread and not self._firsts:
            growth = self._growth.newest
            found = await self._store.eligible(
                self._url, self._looked_to, _READ_AHEAD, duplicates=self._duplicates
            )
            if found.looked_to == self._looked_to:
                self._growth.read = growth
            self._looked_to = found.looked_to
            self._firsts.extend(found.seqs)
        while self._change.is_unread:
            change = self._change.newest
            aside = self._taken.keys() | self._pruned
            waiting = await self._store.waiting(self._url, len(aside) + _RETRIES_KNOWN)
            self._retries = [forward for forward in waiting if forward.seq not in aside]
            self._change.read = change

    def take(self, at: datetime, state: TargetState) -> Due | None:
        """Take what is next, None where nothing is due; needs a :meth:`look` just before it.

        First and second attempts take turns. For an app that is down, what failed comes first, so
        that it is also the first to arrive, unless it may be the reason itself.
        """
        firsts = [Due(self._firsts[0], 1)] if self._firsts else []
        retries = [
            Due(forward.seq, forward.attempts + 1)
            for forward in self._retries
            if forward.next_at is None or is_due(forward.next_at, at)
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
            self._change.came()
        return due

    def cursor(self, *, once_noted: Due | None = None) -> int:
        """Return how far all is attempted and noted, once the outcome of ``once_noted`` is too."""
        open_firsts = [
            due.seq for due in self._taken.values() if due.is_first and due != once_noted
        ]
        if self._firsts:
            open_firsts.append(self._firsts[0])
        return min(open_firsts, default=self._looked_to + 1) - 1

    def noted(self, cursor: int) -> None:
        """Take note that the store has this cursor."""
        self.noted_to = max(self.noted_to, cursor)

    def put_back(self, due: Due, forward: Forward) -> None:
        """Take note that an attempt is over, and that the store has ``forward`` of it."""
        del self._taken[due.seq]
        if forward.state is ForwardState.WAITING:
            self._change.came()

    def give_back(self, due: Due) -> None:
        """Take note that it was not attempted after all, and is still to be."""
        del self._taken[due.seq]
        if due.is_first:
            self._firsts.appendleft(due.seq)
        else:
            self._change.came()

    def leave_out(self, due: Due) -> None:
        """Take note that a delivery is there no more: it was pruned."""
        del self._taken[due.seq]
        self._pruned.add(due.seq)
