"""Send the steps of a plan."""

from collections.abc import Awaitable, Callable, Sequence

import anyio

from okhook.check.connection import exchanges_on_one_connection, sent_unread
from okhook.check.plan import Call, Exchange, Restart, Send, SendOnOneConnection, SendUnread
from okhook.http.errors import HttpError
from okhook.wire.hook_call import TIMEOUT_S, Client

Restarting = Callable[[], Awaitable[None]]
"""Restarts the app, and returns when it answers again, or raises ``CannotRestart``."""

MOST_AT_ONCE = 10
"""How many calls are under way at the same time, at most."""

ANSWER_LIMIT_BYTES = 4 << 20
"""How much of an answer is read. Okta expects an empty one; an app may repeat what it got."""


_LOOK_S = 0.1


class CannotRestart(Exception):
    """The app could not be restarted. The message says why, and ``fix`` what to do."""

    def __init__(self, message: str, *, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


async def answers(http: Client, url: str, *, timeout_s: float = TIMEOUT_S) -> bool:
    """Return whether there is an answer at all, to a GET without a challenge."""
    try:
        await http.send("GET", url, headers=(), body=None, timeout_s=timeout_s)
    except HttpError:
        return False
    return True


async def answers_within(
    limit_s: float, http: Client, url: str, *, timeout_s: float = TIMEOUT_S
) -> bool:
    """Wait until there is an answer, and return whether it came in time."""
    with anyio.move_on_after(limit_s):
        while not await answers(http, url, timeout_s=timeout_s):  # noqa: ASYNC110 - nothing tells us
            await anyio.sleep(_LOOK_S)
        return True
    return False


class Sender:
    """Sends calls to ``url`` through ``http``."""

    def __init__(self, http: Client, url: str, restart: Restarting | None = None) -> None:
        self._http = http
        self._url = url
        self._restart = restart

    async def run(
        self, step: Send | SendOnOneConnection | SendUnread | Restart
    ) -> Sequence[Exchange]:
        """Run a step, and return its exchanges in the order of its calls."""
        match step:
            case Send():
                return await self._send_all(step)
            case SendOnOneConnection():
                return await exchanges_on_one_connection(
                    self._url, step.calls, pipelined=step.pipelined
                )
            case SendUnread():
                await sent_unread(self._url, step.call)
            case Restart():
                if self._restart is None:
                    raise RuntimeError("a case that restarts the app needs a way to do it")
                await self._restart()
        return ()

    async def _send_all(self, step: Send) -> Sequence[Exchange]:
        exchanges: dict[int, Exchange] = {}
        waiting = iter(enumerate(step.calls))

        async def send_in_turn() -> None:
            for number, call in waiting:
                exchanges[number] = await self._send(call)

        async with anyio.create_task_group() as tasks:
            for _ in range(min(step.at_once, MOST_AT_ONCE, len(step.calls))):
                tasks.start_soon(send_in_turn)
        return [exchanges[number] for number in sorted(exchanges)]

    async def _send(self, call: Call) -> Exchange:
        try:
            answer = await self._http.send(
                call.method,
                self._url,
                headers=call.headers,
                body=call.body,
                timeout_s=call.patience_s,
            )
        except HttpError as error:
            return Exchange(call, self._url, None, error)
        return Exchange(call, self._url, answer, None)
