"""Ask a function of a test from an event loop in another thread."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any

Observer = Callable[[str], int | Awaitable[int]]
"""Returns how often the app processed the event with this uuid. It may be async."""


class AskedHere:
    """Calls functions in this thread for an event loop in another one."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def function(self, asked: Observer) -> Observer:
        """Return a function for the event loop, which has ``asked`` called here."""

        def ask(uuid: str) -> Awaitable[int]:
            answer: Future[Any] = Future()
            self._asked.put(partial(_settle, answer, partial(asked, uuid)))
            return asyncio.wrap_future(answer)

        return ask

    def answer(self) -> None:
        """Call what is asked for, until the end."""
        while (call := self._asked.get()) is not None:
            call()

    def end(self, _: object) -> None:
        """Have :meth:`answer` return."""
        self._asked.put(None)


def _settle(answer: "Future[Any]", call: Callable[[], object]) -> None:
    try:
        answer.set_result(call())
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        answer.set_exception(error)
