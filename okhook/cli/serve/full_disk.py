"""Receive on a full disk: answer 503, so that Okta sends again, until there is room."""

from okhook.activity import Activity, ReceiverReady, Stopped, Warned
from okhook.admin.health import Health
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.views.record import ReceiverRenderer
from okhook.errors import StoreFull
from okhook.receiver.running import ReceiverConfig
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.serve.running import refuse_until_room


async def refuse_and_show(
    ctx: Context,
    health: Health,
    receiver: ReceiverConfig,
    fault: StoreFull,
    *,
    shows_url: bool = True,
) -> ReceiverConfig:
    """Answer 503 until the store's disk has room, and show it; return where it listened."""
    health.why_not = "the disk of the store is full"
    hub, console = ActivityHub(), ctx.console
    last_words: list[Activity] = [Stopped()]
    render = ReceiverRenderer(console, verbose=False)

    def publish(activity: Activity) -> None:
        if shows_url or not isinstance(activity, ReceiverReady):
            hub.publish(activity)

    async with on_screen(console, render, None, hub, last_words=lambda: last_words[-1]):
        receiver = await refuse_until_room(ctx.store, fault, receiver, publish=publish, now=utc_now)
        last_words.append(Warned("the store has room again: deliveries are stored from now on"))
    return receiver
