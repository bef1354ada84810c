"""Run functions of a test in its own thread, for an event loop in another thread."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any

Observer = Callable[[str], int | Awaitable[int]]
"""Returns how often the app processed the event with this uuid. It may be async."""


class CurrentThreadExecutor:
    """Runs functions in this thread for an event loop in another one."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def wrap(self, observer: Observer) -> Observer:
        """Return a function for the event loop that has ``observer`` called here."""

        def observe(uuid: str) -> Awaitable[int]:
            result: Future[Any] = Future()
            self._calls.put(partial(_settle, result, partial(observer, uuid)))
            return asyncio.wrap_future(result)

        return observe

    def run(self) -> None:
        """Run what the event loop calls, until :meth:`stop`."""
        while (call := self._calls.get()) is not None:
            call()

    def stop(self, _: object) -> None:
        """Have :meth:`run` return."""
        self._calls.put(None)


def _settle(result: "Future[Any]", call: Callable[[], object]) -> None:
    try:
        result.set_result(call())
    except Exception as error:  # noqa: BLE001 - the caller in the event loop gets it
        result.set_exception(error)
