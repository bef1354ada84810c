"""Receive without a store: answer 503, so that Okta sends again, until it can be opened."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from okhook.activity import Activity, Published, Stopped, Warned
from okhook.admin.health import Health
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.views.record import ReceiverRenderer
from okhook.errors import StoreFull, StoreUnavailable
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.serve.running import ServeConfig, fault_at_start, opened_store, refuse_until_it_opens
from okhook.store.contract import Store


async def wait_for_store(
    ctx: Context, health: Health, config: ServeConfig, fault: StoreUnavailable
) -> ServeConfig:
    """Answer 503 until the store can be opened, and show it; return where to go on."""
    is_full = isinstance(fault, StoreFull)
    health.why_not = "the disk of the store is full" if is_full else "the store cannot be reached"
    hub, console = ActivityHub(), ctx.console
    last_activity: list[Activity] = [Stopped()]
    render = ReceiverRenderer(console, verbose=False)

    async with on_screen(console, render, None, hub, last_activity=lambda: last_activity[-1]):
        receiver = await refuse_until_it_opens(
            ctx.store,
            fault,
            config.receiver,
            publish=hub.publish,
            now=utc_now,
            counters=health.counters,
        )
        back = "has room again" if is_full else "can be reached"
        last_activity.append(Warned(f"the store {back}: deliveries are stored from now on"))
    return replace(config, receiver=receiver)


@asynccontextmanager
async def open_or_wait_for_store(
    ctx: Context,
    config: ServeConfig,
    health: Health,
    publish: Callable[[Published], None],
    *,
    waits: bool,
) -> AsyncIterator[tuple[ServeConfig, Store]]:
    """Open the store of ``up``. If it cannot be opened now, and ``waits``, answer 503 first."""
    async with AsyncExitStack() as stack:
        fault = await fault_at_start(ctx.store)
        while True:
            if fault is not None:
                if not waits:
                    raise fault
                config = await wait_for_store(ctx, health, config, fault)
            opening = opened_store(ctx.store, publish, config.receiver.name)
            try:
                store = await stack.enter_async_context(opening)
                break
            except StoreUnavailable as error:  # by a quota, for example
                fault = error
        yield config, store
