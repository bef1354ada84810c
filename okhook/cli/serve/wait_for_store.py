"""Receive without a store: answer 503, so that Okta sends again, until it can be opened."""

from okhook.activity import Activity, Stopped, Warned
from okhook.admin.health import Health
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.views.record import ReceiverRenderer
from okhook.errors import StoreFull, StoreUnavailable
from okhook.receiver.running import ReceiverConfig
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.serve.running import refuse_until_it_opens


async def wait_for_store(
    ctx: Context,
    health: Health,
    receiver: ReceiverConfig,
    fault: StoreUnavailable,
) -> ReceiverConfig:
    """Answer 503 until the store can be opened, and show it; return where it listened."""
    is_full = isinstance(fault, StoreFull)
    health.why_not = "the disk of the store is full" if is_full else "the store cannot be reached"
    hub, console = ActivityHub(), ctx.console
    last_activity: list[Activity] = [Stopped()]
    render = ReceiverRenderer(console, verbose=False)

    async with on_screen(console, render, None, hub, last_activity=lambda: last_activity[-1]):
        receiver = await refuse_until_it_opens(
            ctx.store,
            fault,
            receiver,
            publish=hub.publish,
            now=utc_now,
            counters=health.counters,
        )
        back = "has room again" if is_full else "can be reached"
        last_activity.append(Warned(f"the store {back}: deliveries are stored from now on"))
    return receiver
