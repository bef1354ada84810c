"""Serve an ASGI app on a socket that is already bound, in the program's own event loop."""

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import uvicorn

GRACE_S = 2
"""How long requests in flight may take once the server is told to stop."""


class _EmbeddedServer(uvicorn.Server):
    """A server that leaves signals to the program and says when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = anyio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Any, listener: socket.socket) -> AsyncIterator[None]:  # noqa: ANN401
    """Serve the ASGI ``app`` on ``listener`` for as long as the block lasts.

    At its end, also by cancellation, the server takes no new connections, gives requests in flight
    :data:`GRACE_S` seconds, and closes the socket.
    """
    config = uvicorn.Config(
        app,
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
                server.should_exit = True
    finally:
        listener.close()


async def _serve_shielded(server: uvicorn.Server, listener: socket.socket) -> None:
    with anyio.CancelScope(shield=True):
        await server.serve(sockets=[listener])
