"""One stream of activities, several readers, and no reader that can hold up the rest."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import final

import anyio

from okhook.activity import Published


@final
class Subscription:
    """One reader's bounded buffer. Whoever is slow loses the oldest, and is told how many."""

    def __init__(self, capacity: int) -> None:
        self._buffer: deque[Published] = deque()
        self._capacity = capacity
        self._missed = 0
        self._ended = False
        self._changed = anyio.Event()

    def offer(self, activity: Published) -> None:
        """Take an activity without ever waiting; the oldest makes room."""
        if len(self._buffer) >= self._capacity:
            self._buffer.popleft()
            self._missed += 1
        self._buffer.append(activity)
        self._changed.set()

    def end(self) -> None:
        """Let the reader finish what is buffered, and then stop."""
        self._ended = True
        self._changed.set()

    def take_missed(self) -> int:
        """Return how many activities were dropped since the last call: a sign to re-read."""
        missed, self._missed = self._missed, 0
        return missed

    async def batch(self) -> list[Published]:
        """Wait for something to come and return all that is there; empty once all has ended."""
        while not self._buffer and not self._ended:
            self._changed = anyio.Event()
            await self._changed.wait()
        batch = list(self._buffer)
        self._buffer.clear()
        return batch


@final
class ActivityHub:
    """Publishes activities to every subscription; publishing never waits and never fails."""

    def __init__(self, *, capacity: int = 1024) -> None:
        self._capacity = capacity
        self._subscriptions: list[Subscription] = []

    def publish(self, activity: Published) -> None:
        """Offer ``activity`` to every reader."""
        for subscription in self._subscriptions:
            subscription.offer(activity)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Give a reader everything published from now on."""
        subscription = Subscription(self._capacity)
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    def end(self) -> None:
        """Tell every reader that nothing more will come."""
        for subscription in self._subscriptions:
            subscription.end()
