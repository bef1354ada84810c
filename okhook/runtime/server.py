"""Serve an ASGI app on a bound socket, in the event loop of the program."""

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_S = 2
"""How long requests in flight may take after the server was asked to stop."""


_TICK_S = 0.1
_TICKS_A_DAY = 864_000
"""uvicorn's numbers for the calls of ``on_tick``."""


class _HttpProtocol(HttpToolsProtocol):
    """Reads a header's value without the blanks around it (RFC 9110, 5.5).

    The parser leaves those at its end.
    """

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value.strip(b" \t"))


class _EmbeddedServer(uvicorn.Server):
    """A server that ignores signals, and sets ``accepting`` when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = anyio.Event()
        self._stopping = anyio.Event()

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
            with anyio.move_on_after(_TICK_S):
                await self._stopping.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Any, listener: socket.socket) -> AsyncIterator[None]:  # noqa: ANN401
    """Serve the ASGI ``app`` on ``listener`` until the block ends.

    Then requests in flight get :data:`GRACE_S` seconds, and the socket is closed.
    """
    config = uvicorn.Config(
        app,
        http=_HttpProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())
    server = _EmbeddedServer(config)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_serve_shielded, server, listener)
            await server.accepting.wait()
            try:
                yield
            finally:
                server.stop()
    finally:
        listener.close()


async def _serve_shielded(server: uvicorn.Server, listener: socket.socket) -> None:
    with anyio.CancelScope(shield=True):
        await server.serve(sockets=[listener])
