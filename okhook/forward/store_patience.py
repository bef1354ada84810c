"""Retry what a failing store could not do, until it is done."""

from collections.abc import Awaitable, Callable
from typing import TypeVar, final

import anyio

from okhook.activity import Activity, Warned
from okhook.errors import StoreFailed
from okhook.forward.retry import back_off_s

T = TypeVar("T")

_LONGEST_STEP = 5
"""Half a minute: a person who has made room on the disk does not want to wait longer."""


@final
class StorePatience:
    """Tries again what a store could not do, and says so once for as long as it fails."""

    def __init__(
        self, what: str, *, publish: Callable[[Activity], None], chance: Callable[[], float]
    ) -> None:
        self._what = what
        self._publish = publish
        self._chance = chance
        self._failing = 0

    async def until_done(self, act: Callable[[], Awaitable[T]]) -> T:
        """Call ``act`` until it does not raise ``StoreFailed``, and return what it returns."""
        failures = 0
        try:
            while True:
                try:
                    return await act()
                except StoreFailed as error:
                    if not failures:
                        self._warn_once(error)
                        self._failing += 1
                    failures += 1
                await anyio.sleep(back_off_s(min(failures, _LONGEST_STEP), self._chance()))
        finally:
            self._failing -= bool(failures)

    def _warn_once(self, error: StoreFailed) -> None:
        if not self._failing:
            why = "" if error.why is None else f" ({error.why})"
            self._publish(Warned(f"{self._what} waits, because {error.what}{why}"))
