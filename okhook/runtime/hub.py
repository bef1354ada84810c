"""A stream of activities with several readers, which never wait for each other."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import anyio

from okhook.activity import Published


class Subscription:
    """The bounded buffer of one reader. A slow reader loses the oldest activities."""

    def __init__(self, capacity: int) -> None:
        self._buffer: deque[Published] = deque(maxlen=capacity)
        self._ended = False
        self._changed = anyio.Event()

    def offer(self, activity: Published) -> None:
        """Add an activity. A full buffer drops the oldest."""
        self._buffer.append(activity)
        self._changed.set()

    def end(self) -> None:
        """End the stream after what is buffered."""
        self._ended = True
        self._changed.set()

    async def batch(self) -> list[Published]:
        """Wait for an activity, and return all in the buffer; none when the stream has ended."""
        while not self._buffer and not self._ended:
            self._changed = anyio.Event()
            await self._changed.wait()
        batch = list(self._buffer)
        self._buffer.clear()
        return batch


class ActivityHub:
    """Publishes activities to all subscriptions. Publishing never waits and never fails."""

    def __init__(self, *, capacity: int = 1024) -> None:
        self._capacity = capacity
        self._subscriptions: list[Subscription] = []

    def publish(self, activity: Published) -> None:
        """Publish to every reader."""
        for subscription in self._subscriptions:
            subscription.offer(activity)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Yield a subscription to everything that is published during the block."""
        subscription = Subscription(self._capacity)
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    def end(self) -> None:
        """End the stream for every reader."""
        for subscription in self._subscriptions:
            subscription.end()
