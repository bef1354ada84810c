"""Start ``okhook up`` while its store may be away, or its disk full."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from okhook.activity import Published
from okhook.admin.health import Health
from okhook.cli.context import Context
from okhook.cli.serve.wait_for_store import wait_for_store
from okhook.errors import StoreUnavailable
from okhook.serve.running import fault_at_start, opened_store
from okhook.store.contract import Store
from okhook.up.config import UpConfig


@asynccontextmanager
async def open_or_wait_for_store(
    ctx: Context,
    config: UpConfig,
    health: Health,
    publish: Callable[[Published], None],
    *,
    waits: bool,
) -> AsyncIterator[tuple[UpConfig, Store]]:
    """Open the store. If it cannot be opened now, answer 503 first, as ``serve`` does.

    ``up --once`` does not wait: it raises StoreUnavailable.
    """
    async with AsyncExitStack() as stack:
        fault = await fault_at_start(ctx.store)
        while True:
            if fault is not None:
                if not waits:
                    raise fault
                receiver = config.serve.receiver
                receiver = await wait_for_store(ctx, health, receiver, fault)
                config = replace(config, serve=replace(config.serve, receiver=receiver))
            opening = opened_store(ctx.store, publish, config.serve.receiver.name)
            try:
                store = await stack.enter_async_context(opening)
                break
            except StoreUnavailable as error:  # by a quota, for example
                fault = error
        yield config, store
