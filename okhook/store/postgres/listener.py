"""Listen for notifications, so that other processes' records are seen at once.

They are a hint: what they tell is looked up, and it is looked for without them, too, because a
pooler such as PgBouncer may deliver none.
"""

import select
import threading
from collections.abc import Callable
from contextlib import suppress

from okhook.errors import StoreFailed
from okhook.store.postgres.connection import Connection, Link
from okhook.store.postgres.deriving import CHANNEL

_AGAIN_AFTER_S = 1.0


class Listener:
    """Calls ``notified`` in a thread of its own, with a connection of its own."""

    def __init__(self, url: str, notified: Callable[[], None]) -> None:
        self._link = Link(url)
        self._notified = notified
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="okhook-store-listening")
        self._thread.start()

    def close(self) -> None:
        """End the thread. Do not call this in the loop."""
        self._ended.set()
        while self._thread.is_alive():
            self._link.abort()
            self._thread.join(0.05)
        self._link.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            with suppress(StoreFailed), self._link.connection() as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                self._notified()
                self._listen(connection)
            self._ended.wait(_AGAIN_AFTER_S)

    def _listen(self, connection: Connection) -> None:
        while not self._ended.is_set():
            select.select([connection.fileno()], [], [])
            if any(True for _ in connection.notifies(timeout=0)):
                self._notified()
