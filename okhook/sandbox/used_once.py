"""Ids that count once: whoever comes with one again repeats what somebody else sent."""

from datetime import datetime, timedelta
from typing import final


@final
class UsedOnce:
    """Remembers ids for ``memory``: as long as what carries them could be believed."""

    def __init__(self, memory: timedelta) -> None:
        self._memory = memory
        self._seen: dict[str, datetime] = {}

    def is_new(self, id_: str, now: datetime) -> bool:
        """Tell whether ``id_`` comes for the first time, and remember it."""
        self._forget_until(now - self._memory)
        if id_ in self._seen:
            return False
        self._seen[id_] = now
        return True

    def _forget_until(self, moment: datetime) -> None:
        """Drop what is old enough; ids stand in the order in which they came."""
        for id_, seen in list(self._seen.items()):
            if seen > moment:
                break
            del self._seen[id_]
