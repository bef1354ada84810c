"""What every store tells its listeners: that it grew, that it fails, that it works again."""

import asyncio
import contextlib
from collections.abc import Callable

import anyio

from okhook.errors import StoreFailed
from okhook.store.trouble import Trouble


class Listeners:
    """The listeners of a store, in the event loop of its creation."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._growth_listeners: list[Callable[[int], None]] = []
        self._trouble_listeners: list[Callable[[StoreFailed], None]] = []
        self._recovery_listeners: list[Callable[[], None]] = []
        self._appended = 0
        self._recognised = 0
        self._grew = anyio.Event()
        self._trouble = Trouble(
            went=lambda error: self._in_loop(lambda: self._went(error)),
            came_back=lambda: self._in_loop(self._came_back),
        )

    def on_growth(self, listener: Callable[[int], None]) -> None:
        """Implement the contract."""
        self._growth_listeners.append(listener)

    def on_trouble(self, listener: Callable[[StoreFailed], None]) -> None:
        """Implement the contract."""
        self._trouble_listeners.append(listener)

    def on_recovery(self, listener: Callable[[], None]) -> None:
        """Implement the contract."""
        self._recovery_listeners.append(listener)

    async def settled(self) -> int:
        """Implement the contract."""
        while self._recognised < self._appended:
            self._grew = anyio.Event()
            await self._grew.wait()
        return self._recognised

    def _grown(self, seq: int) -> None:
        self._recognised = seq
        self._grew.set()
        for listener in self._growth_listeners:
            listener(seq)

    def _went(self, error: StoreFailed) -> None:
        for listener in self._trouble_listeners:
            listener(error)

    def _came_back(self) -> None:
        for listener in self._recovery_listeners:
            listener()

    def _in_loop(self, call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(call)
