"""An event loop on which an hour takes no time: when all wait, its clock leaps to what is next."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import anyio

from tests.support.records import NOON

T = TypeVar("T")


class _LeapingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and nobody will ever be woken")
        self.passed_s += max(timeout, 0.0)
        return super().select(0)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Nothing on it may wait for a socket, a thread or a process."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.passed_s


def virtual_now() -> datetime:
    """Return the time on the loop's clock, which starts at noon."""
    return NOON + timedelta(seconds=anyio.current_time())


def run_in_virtual_time(play: Callable[[], Awaitable[T]]) -> T:
    return anyio.run(play, backend="asyncio", backend_options={"loop_factory": VirtualTimeLoop})
