"""A stream of activities with several readers, none of which can hold up the others."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import final

import anyio

from okhook.activity import Published


@final
class Subscription:
    """One reader's bounded buffer. A slow reader loses the oldest activities."""

    def __init__(self, capacity: int) -> None:
        self._buffer: deque[Published] = deque(maxlen=capacity)
        self._ended = False
        self._changed = anyio.Event()

    def offer(self, activity: Published) -> None:
        """Add an activity without ever waiting. A full buffer drops its oldest."""
        self._buffer.append(activity)
        self._changed.set()

    def end(self) -> None:
        """Let the reader take what is buffered, and then stop."""
        self._ended = True
        self._changed.set()

    async def batch(self) -> list[Published]:
        """Wait for an activity and return all that are there. Empty once the stream has ended."""
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
        """Give ``activity`` to every reader."""
        for subscription in self._subscriptions:
            subscription.offer(activity)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Return what a reader gets: everything that is published while the block runs."""
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
