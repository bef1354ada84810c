"""Notice that the machine slept: connections made before look alive, and carry nothing."""

from collections.abc import Callable
from typing import final

SLEPT_S = 20.0
"""A jump of the clock on the wall beside the one that stands still in sleep; NTP moves less."""


@final
class SleepWatch:
    """Compares a wall clock with a monotonic one, both in seconds."""

    def __init__(self, *, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._apart_s = wall() - monotonic()

    def slept(self) -> bool:
        """Tell whether the machine slept since the last call."""
        apart_s = self._wall() - self._monotonic()
        jumped_s, self._apart_s = apart_s - self._apart_s, apart_s
        return jumped_s > SLEPT_S
