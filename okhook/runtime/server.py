"""Serve an ASGI app on a bound socket, in the event loop of the program."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import anyio.lowlevel
import uvicorn

from okhook.activity import TELL_AFTER_S, Activity, Stopping, Warned
from okhook.runtime.http_protocol import LimitedProtocol
from okhook.runtime.shutdown import usual_grace_s
from okhook.runtime.sockets import OUT_OF_DESCRIPTORS, has_descriptors, has_waiting, refuse_more

_ACCEPT_S = 0.5
"""How long a server that stops may take to accept the connections that wait."""

_TURNS = 4
"""How many turns of the event loop it takes to read what came on an accepted connection."""


_LOOK_S = 0.005
"""How often to look whether the last requests are answered."""

_TICK_S = 0.1
_TICKS_A_SECOND = 10
_TICKS_A_DAY = 864_000
"""uvicorn's numbers for the calls of ``on_tick``."""


class _EmbeddedServer(uvicorn.Server):
    """A server that ignores signals, and sets ``accepting`` when it accepts connections."""

    def __init__(
        self,
        config: uvicorn.Config,
        publish: Callable[[Activity], None],
        grace_s: Callable[[], float],
        *,
        is_shared: bool,
    ) -> None:
        super().__init__(config)
        self._is_shared = is_shared
        self._grace_s = grace_s
        self.accepting = anyio.Event()
        self._stopping = anyio.Event()
        self._publish = publish
        self._has_descriptors = True

    def stop(self) -> None:
        """Accept no more connections, and end when requests in flight are answered."""
        self.should_exit = True
        self._stopping.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()

    async def main_loop(self) -> None:
        """Call ``on_tick`` as uvicorn does, but stop at once, not at the next tick."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % _TICKS_A_DAY
            if ticks % _TICKS_A_SECOND == 0:
                self._look_at_connections()
                self._look_at_descriptors()
            with anyio.move_on_after(_TICK_S):
                await self._stopping.wait()

    def _look_at_descriptors(self) -> None:
        """Say that no more connections can be accepted: the event loop refuses them silently."""
        had, self._has_descriptors = self._has_descriptors, has_descriptors()
        if had and not self._has_descriptors:
            self._publish(
                Warned(
                    "no file descriptors are left, so new connections are refused:"
                    " stop okhook and start it again after ulimit -n 4096"
                )
            )

    def _look_at_connections(self) -> None:
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, LimitedProtocol):
                connection.look_at_clock()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as uvicorn does, but accept first what the system has accepted already.

        And without uvicorn's pause of 0.1 s: a server of a test ends often.
        """
        if not self._is_shared:
            await _accept_the_last(sockets or ())
        for closed in (*self.servers, *(sockets or ())):
            closed.close()
        await anyio.lowlevel.checkpoint()  # connections that were just accepted
        for open_one in tuple(self.server_state.connections):
            open_one.shutdown()
        grace_s = self._grace_s()
        telling = asyncio.get_running_loop().call_later(TELL_AFTER_S, self._tell_of_rest, grace_s)
        with anyio.move_on_after(grace_s):
            while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - sets
                await anyio.sleep(_LOOK_S)
            for server in self.servers:
                await server.wait_closed()
        telling.cancel()
        for task in self.server_state.tasks:
            task.cancel()
        for connection in tuple(self.server_state.connections):  # of those who still stall
            if isinstance(connection, LimitedProtocol):
                connection.transport.abort()

    def _tell_of_rest(self, grace_s: float) -> None:
        if requests := len(self.server_state.tasks):
            self._publish(Stopping(grace_s, requests=requests))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _accept_the_last(listeners: Sequence[socket.socket]) -> None:
    """Let the event loop accept what waits at the ``listeners``, and read what came on it."""
    for listener in listeners:
        refuse_more(listener)
    with anyio.move_on_after(_ACCEPT_S):
        while any(map(has_waiting, listeners)):
            await anyio.lowlevel.checkpoint()
    for _ in range(_TURNS):
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def serving(
    app: Any,  # noqa: ANN401 - any ASGI app
    listener: socket.socket,
    publish: Callable[[Activity], None],
    *,
    protocol: type[LimitedProtocol] = LimitedProtocol,
    date_header: bool = True,
    grace_s: Callable[[], float] = usual_grace_s,
    is_shared: bool = False,
) -> AsyncIterator[None]:
    """Serve the ASGI ``app`` on ``listener`` until the block ends.

    Then requests in flight get as many seconds as ``grace_s`` returns, and the socket is closed.
    ``publish`` gets a warning when no more connections can be accepted. Without ``date_header`` the
    app itself sends the ``Date``. Of a listener that ``is_shared``, the next process accepts the
    connections that wait.
    """
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=date_header,
        proxy_headers=False,
    )
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    server = _EmbeddedServer(config, publish, grace_s, is_shared=is_shared)
    try:
        with _without_accept_errors():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_serve_shielded, server, listener)
                try:
                    await server.accepting.wait()
                    yield
                finally:
                    server.stop()
    finally:
        listener.close()


async def _serve_shielded(server: uvicorn.Server, listener: socket.socket) -> None:
    with anyio.CancelScope(shield=True):
        await server.serve(sockets=[listener])


@contextmanager
def _without_accept_errors() -> Iterator[None]:
    """Pass over the thousand tracebacks a second of a full asyncio server: the server says it."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in OUT_OF_DESCRIPTORS:
            return
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    loop.set_exception_handler(report)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
