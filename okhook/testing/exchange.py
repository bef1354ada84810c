"""One request to an application object, and its answer as a client on a socket would see it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup

from okhook.http.client import Answer, Headers
from okhook.http.errors import AnswerLost, TimedOut

HOST = "testserver"
"""The host of an application object, as the test clients of Django and Starlette name it."""


@dataclass
class Exchange:
    """A request, and what the app has answered so far."""

    method: str
    url: str
    headers: Headers
    body: bytes
    status: int | None = None
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer_body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False
    exception: Exception | None = None

    def answer(self, elapsed_s: float) -> Answer:
        """Return the answer; 500 if the app did not begin one. Raises ``AnswerLost``."""
        if self.status is None:
            text = (("content-type", "text/plain; charset=utf-8"),)
            return Answer(500, text, b"Internal Server Error", elapsed_s, self.url)
        if not self.is_whole:
            raise AnswerLost(self.url, "the app ended before the answer was complete")
        body = bytes(self.answer_body)
        return Answer(self.status, self.answer_headers, body, elapsed_s, self.url)


@dataclass
class LiveExchange(Exchange):
    """An exchange that runs in a task.

    ``answered`` is set when the client has the whole answer or can get none, ``ended`` when the app
    has returned, and ``gone`` when the client no longer waits.
    """

    answered: anyio.Event = field(default_factory=anyio.Event)
    ended: anyio.Event = field(default_factory=anyio.Event)
    gone: anyio.Event = field(default_factory=anyio.Event)


class AppCalls:
    """Calls an app in tasks of their own. An app that answers too late goes on, as on a server."""

    def __init__(self, run: Callable[[LiveExchange], Awaitable[None]], tasks: TaskGroup) -> None:
        self._run = run
        self._tasks = tasks
        self.exchanges: list[LiveExchange] = []

    async def send(
        self, method: str, url: str, *, headers: Headers, body: bytes | None, timeout_s: float
    ) -> Answer:
        """Send one request, and return the answer or raise ``HttpError``."""
        exchange = LiveExchange(method, url, headers, body or b"")
        self.exchanges.append(exchange)
        began = time.monotonic()
        self._tasks.start_soon(self._call, exchange)
        with anyio.move_on_after(timeout_s) as waiting:
            await exchange.answered.wait()
        if waiting.cancelled_caught:
            exchange.gone.set()
            raise TimedOut(url, f"no answer within {timeout_s:g} s")
        return exchange.answer(time.monotonic() - began)

    async def _call(self, exchange: LiveExchange) -> None:
        try:
            await self._run(exchange)
        except Exception as error:  # noqa: BLE001 - whatever the app raises
            exchange.exception = error
        finally:
            exchange.answered.set()
            exchange.ended.set()
