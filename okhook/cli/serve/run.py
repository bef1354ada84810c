"""Receive and show: what ``serve`` does, from settings to the last line."""

import anyio

from okhook.activity import ReceiverReady
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.views.forward import ForwardRenderer
from okhook.cli.views.lines import combined
from okhook.cli.views.record import ReceiverRenderer
from okhook.receiver.running import ReceiverConfig
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.secret import HookAuth
from okhook.serve.running import ServeConfig, opened_store, receiving


def receiver_config(ctx: Context, auth: HookAuth | None) -> ReceiverConfig:
    """Return the receiver's configuration from the settings."""
    settings = ctx.settings
    return ReceiverConfig(settings.host.value, settings.port.value, settings.path.value, auth=auth)


async def receive_and_show(ctx: Context, config: ServeConfig, *, verbose: bool) -> None:
    """Receive until cancelled; every delivery is kept first, then shown, and forwarded."""
    hub = ActivityHub()
    render = combined(ReceiverRenderer(verbose=verbose), ForwardRenderer(ctx.console))
    async with (
        opened_store(ctx.store_file, hub.publish) as store,
        on_screen(ctx.console, render, store, hub),
        receiving(
            config,
            store=store,
            publish=hub.publish,
            now=utc_now,
            run_directory=ctx.run_directory,
        ) as receiver,
    ):
        hub.publish(ReceiverReady(receiver.url, receiver.asks_for_secret))
        _introduce(ctx, config.receiver)
        async with ctx.uptime.kept():
            await anyio.sleep_forever()


def _introduce(ctx: Context, config: ReceiverConfig) -> None:
    ctx.console.note(f"deliveries are kept in {ctx.store_file}")
    if config.auth is None:
        ctx.console.note("no secret is set: whoever knows the URL can post to it")
    ctx.console.note("Ctrl-C ends it")
