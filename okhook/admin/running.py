"""Run the admin port: its server, and what it follows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import anyio

from okhook.admin.app import admin_app
from okhook.admin.health import Health
from okhook.admin.stats import PathSeen
from okhook.runtime.hub import ActivityHub
from okhook.runtime.server import serving
from okhook.runtime.shutdown import short_grace_s


@asynccontextmanager
async def administered(
    health: Health, listener: socket, hub: ActivityHub | None = None
) -> AsyncIterator[None]:
    """Answer probes and scrapes on ``listener`` during the block.

    ``hub`` tells of the tunnel and the path, for a command that has them.
    """
    path = PathSeen()
    async with (
        serving(admin_app(health, path), listener, lambda _: None, grace_s=short_grace_s),
        anyio.create_task_group() as tasks,
    ):
        if hub is not None:
            tasks.start_soon(path.follow, hub)
        try:
            yield
        finally:
            tasks.cancel_scope.cancel()
