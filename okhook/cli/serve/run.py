"""Receive and show: what ``serve`` does, from settings to the last line."""

import anyio

from okhook.activity import ReceiverReady, StoreGrew, Warned
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.serve.view import ServeRenderer
from okhook.errors import ConfigurationError, InvalidInput
from okhook.forward.alongside import forwarding
from okhook.forward.running import ForwardConfig
from okhook.receiver.running import (
    DEFAULT_HOST,
    DEFAULT_PATH,
    DEFAULT_PORT,
    ReceiverConfig,
    running_receiver,
)
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.secret import HookAuth
from okhook.store.sqlite import SqliteStore, open_store


def receiver_config(ctx: Context, auth: HookAuth | None) -> ReceiverConfig:
    """Return the receiver's configuration from the settings."""
    settings = ctx.settings
    path = settings.text_or("path", DEFAULT_PATH)
    if not path.value.startswith("/") or any(c in path.value for c in "?# \t\r\n"):
        error = InvalidInput if path.from_flag else ConfigurationError
        raise error(
            f"{path.origin} must be the path of a URL", next_step="write it like /okta-webhooks"
        )
    return ReceiverConfig(
        host=settings.text_or("host", DEFAULT_HOST).value,
        port=settings.integer_or("port", DEFAULT_PORT, maximum=65535).value,
        path=path.value,
        auth=auth,
    )


async def receive_and_show(
    ctx: Context, config: ReceiverConfig, forward: ForwardConfig | None, *, verbose: bool
) -> None:
    """Receive until cancelled; every delivery is kept first, then shown, and forwarded."""
    hub = ActivityHub()
    async with open_store(ctx.store_file) as store:
        tell_of_the_store(store, hub)
        async with (
            on_screen(ctx.console, ServeRenderer(ctx.console, verbose=verbose), store, hub),
            forwarding(forward, ledger=store, auth=config.auth, publish=hub.publish, now=utc_now),
            running_receiver(
                config,
                store=store,
                publish=hub.publish,
                now=utc_now,
                run_directory=ctx.run_directory,
            ) as receiver,
        ):
            hub.publish(ReceiverReady(receiver.url, receiver.asks_for_secret))
            _introduce(ctx, config)
            async with ctx.uptime.kept():
                await anyio.sleep_forever()


def tell_of_the_store(store: SqliteStore, hub: ActivityHub) -> None:
    """Have ``hub`` publish that there are more records to show, and what hinders it."""
    store.on_growth(lambda seq: hub.publish(StoreGrew(seq)))
    store.on_trouble(
        lambda error: hub.publish(
            Warned(error.what if error.why is None else f"{error.what}: {error.why}")
        )
    )


def _introduce(ctx: Context, config: ReceiverConfig) -> None:
    ctx.console.note(f"deliveries are kept in {ctx.store_file}")
    if config.auth is None:
        ctx.console.note("no secret is set: whoever knows the URL can post to it")
    ctx.console.note("Ctrl-C ends it")
