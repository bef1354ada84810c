"""A clock that a test can move forward."""

import threading
from datetime import datetime, timedelta

from okhook.runtime.ids import utc_now


class Clock:
    """The real time and an offset. Any thread may use it."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time in UTC."""
        return utc_now() + self._offset

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward, and return its new time."""
        with self._lock:
            self._offset += by
        return self.now()

    def reset(self) -> None:
        """Return to the real time."""
        with self._lock:
            self._offset = timedelta(0)
