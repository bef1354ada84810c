"""Let an event through once, however often the log repeats it, and keep to a bound of memory."""

from typing import Final, final

_REMEMBERED: Final = 100_000
"""Events that are surely remembered, a hundred pages of the log; up to twice as many are."""


@final
class Once:
    """Knows again what it was asked about before: 64 bits of each, seeded anew in each process."""

    def __init__(self) -> None:
        self._latest: set[int] = set()
        self._before: set[int] = set()

    def is_new(self, uuid: str) -> bool:
        """Tell whether this is the first time that ``uuid`` comes."""
        key = hash(uuid)
        if key in self._latest or key in self._before:
            return False
        if len(self._latest) >= _REMEMBERED:
            self._before, self._latest = self._latest, set()
        self._latest.add(key)
        return True
