"""Start ``okhook up`` on a disk that may be full."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from okhook.activity import Published
from okhook.admin.health import Health
from okhook.cli.context import Context
from okhook.cli.serve.full_disk import refuse_and_show
from okhook.errors import StoreFull
from okhook.serve.running import lack_of_room, opened_store
from okhook.store.contract import Store
from okhook.up.config import UpConfig


@asynccontextmanager
async def store_with_room(
    ctx: Context,
    config: UpConfig,
    health: Health,
    publish: Callable[[Published], None],
    *,
    waits: bool,
) -> AsyncIterator[tuple[UpConfig, Store]]:
    """Open the store. On a full disk, answer 503 first until there is room, as ``serve`` does.

    ``up --once`` does not wait: it raises StoreFull.
    """
    async with AsyncExitStack() as stack:
        fault = await lack_of_room(ctx.store)
        while True:
            if fault is not None:
                if not waits:
                    raise fault
                receiver = config.serve.receiver
                receiver = await refuse_and_show(ctx, health, receiver, fault, shows_url=False)
                config = replace(config, serve=replace(config.serve, receiver=receiver))
            opening = opened_store(ctx.store, publish, config.serve.receiver.name)
            try:
                store = await stack.enter_async_context(opening)
                break
            except StoreFull as full:  # of a quota: the disk itself has room
                fault = full
        yield config, store
