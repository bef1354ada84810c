"""Tell the service manager how this process does, for as long as it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from okhook.admin.health import Health
from okhook.runtime.service_manager import ServiceManager

_STARTING_S = 10.0
"""How often to ask for more time to start, while there is no store to receive into."""

_MORE_TIME = "EXTEND_TIMEOUT_USEC=30000000"


@asynccontextmanager
async def supervised(service: ServiceManager, health: Health) -> AsyncIterator[None]:
    """Send signs of life during the block, and ask for more time while there is no store.

    A sign of life means that the event loop runs and that the store answers: it may refuse, as on
    a full disk, where a restart would not help, but it must not hang.
    """
    if service.notify_socket is None:
        yield
        return
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_ask_for_time, service, health)
        if service.watchdog_s is not None:
            tasks.start_soon(_give_signs_of_life, service, health, service.watchdog_s)
        try:
            yield
        finally:
            tasks.cancel_scope.cancel()


async def _ask_for_time(service: ServiceManager, health: Health) -> None:
    while True:
        if health.work is None:
            service.tell(f"STATUS={health.why_not}", _MORE_TIME)
        await anyio.sleep(_STARTING_S)


async def _give_signs_of_life(service: ServiceManager, health: Health, watchdog_s: float) -> None:
    every_s = watchdog_s / 3
    while True:
        if await health.responds(within_s=every_s):
            service.tell("WATCHDOG=1")
        await anyio.sleep(every_s)
