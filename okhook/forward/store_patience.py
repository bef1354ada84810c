"""Repeat a call to the store until it succeeds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, final

import anyio

from okhook.activity import Activity, Warned
from okhook.errors import StoreFailed
from okhook.forward.retry import back_off_s

T = TypeVar("T")

_LONGEST_STEP = 5
"""Waits no longer than half a minute: somebody who freed disk space does not want to wait."""


@final
@dataclass(slots=True)
class StorePatience:
    """Repeats calls that the store failed. Publishes one warning until none is failing."""

    what: str
    publish: Callable[[Activity], None]
    chance: Callable[[], float]
    _failing: int = 0

    async def until_done(self, act: Callable[[], Awaitable[T]]) -> T:
        """Call ``act`` until it does not raise ``StoreFailed``, and return what it returns."""
        failures = 0
        try:
            while True:
                try:
                    return await act()
                except StoreFailed as error:
                    if not failures:
                        self._failing += 1
                        if self._failing == 1:
                            why = "" if error.why is None else f" ({error.why})"
                            self.publish(Warned(f"{self.what} waits: {error.what}{why}"))
                    failures += 1
                await anyio.sleep(back_off_s(min(failures, _LONGEST_STEP), self.chance()))
        finally:
            self._failing -= bool(failures)
