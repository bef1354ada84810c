"""What ``serve`` does: receive deliveries, show them and forward them."""

from dataclasses import replace
from socket import socket
from urllib.parse import urlsplit

import anyio

from okhook.activity import ReceiverReady
from okhook.admin.health import Health, Work
from okhook.admin.supervision import supervised
from okhook.cli.admin_port import AdminReady, admin_beside, render_admin
from okhook.cli.context import Context
from okhook.cli.inspect.run import inspector_beside, render_inspector
from okhook.cli.live_screen import on_screen
from okhook.cli.serve.command import ServeFlags
from okhook.cli.serve.wait_for_store import wait_for_store
from okhook.cli.targets import (
    checked_targets,
    login_for,
    warn_if_login_unencrypted,
    warn_if_unencrypted,
)
from okhook.cli.views.forward import ForwardRenderer
from okhook.cli.views.lines import combined, stopping_renderer
from okhook.cli.views.record import ReceiverRenderer
from okhook.config.names import own_receiver_name
from okhook.errors import InvalidInput, StoreUnavailable
from okhook.forward.forwarder import ForwardConfig
from okhook.forward.sending import may_have_secret
from okhook.receiver.running import ReceiverConfig
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.service_manager import ServiceManager
from okhook.runtime.shutdown import ENDED_LATE, Shutdown
from okhook.runtime.sockets import EVERY_ADDRESS
from okhook.secret import HookAuth
from okhook.serve.running import ServeConfig, fault_at_start, opened_store, receiving
from okhook.store.contract import Store
from okhook.wire.org import is_loopback
from okhook.wire.target_url import is_stream
from okhook.wire.url import without_credentials


def serve_config(
    ctx: Context, flags: ServeFlags, auth: HookAuth | None, listener: socket | None = None
) -> ServeConfig:
    """Return the configuration of a receiver with the secret ``auth`` and its forwarding."""
    settings = ctx.settings
    receiver = ReceiverConfig(
        settings.host.value,
        settings.port.value,
        settings.path.value,
        auth=auth,
        name=own_receiver_name(settings),
        store=str(ctx.store),
    )
    if listener is not None:
        receiver = _at(listener, receiver, ctx)
    if receiver.host in EVERY_ADDRESS:
        ctx.console.note(f"the receiver listens on every address of this machine ({receiver.host})")
    targets = checked_targets(settings, settings.forward_to)
    if not targets:
        return ServeConfig(receiver)
    logins = {each: login for each in targets if (login := login_for(settings, each))}
    for target in targets:
        if is_stream(target):
            warn_if_login_unencrypted(ctx, target, logins.get(target))
            continue
        _refuse_a_loop(target, receiver)
        if auth is None:
            continue
        if may_have_secret(target, send_secret=flags.send_secret):
            warn_if_unencrypted(ctx, target)
        else:
            ctx.console.note(
                f"okhook does not send the hook's secret to {urlsplit(target).netloc};"
                " pass --send-secret to send it"
            )
    forward = ForwardConfig(
        targets,
        retries=settings.retries.value,
        concurrency=settings.concurrency.value,
        skip_backlog=flags.skip_backlog,
        duplicates=not settings.skip_duplicates.value,
        timeout_s=settings.forward_timeout.value,
        send_secret=flags.send_secret,
        logins=logins,
    )
    return ServeConfig(receiver, forward)


def _at(listener: socket, receiver: ReceiverConfig, ctx: Context) -> ReceiverConfig:
    host, port = listener.getsockname()[:2]
    asked = ctx.settings.port
    if not asked.is_default and asked.value != port:
        note = f"the service manager passed port {port}: {asked.origin} is not used"
        ctx.console.note(note)
    name = receiver.name if ctx.settings.receiver else f"{port}{receiver.path}"
    return replace(receiver, host=host, port=port, name=name, listener=listener)


async def receive_and_show(
    ctx: Context, config: ServeConfig, flags: ServeFlags, shutdown: Shutdown
) -> None:
    """Receive until cancelled, also on a full disk, where it answers 503 until there is room."""
    shutdown.when_late(lambda: ctx.console.warn(ENDED_LATE))
    health = Health(ServiceCounters())
    async with (
        supervised(ctx.service, health),
        admin_beside(ctx, health, config.targets, command="serve") as admin,
    ):
        fault: StoreUnavailable | None = await fault_at_start(ctx.store)
        while True:
            if fault is not None:
                config = await wait_for_store(ctx, health, config, fault)
            try:
                return await _store_and_show(ctx, config, flags, shutdown, health, admin)
            except StoreUnavailable as error:  # by a quota, for example: the disk itself has room
                fault = error


async def _store_and_show(
    ctx: Context,
    config: ServeConfig,
    flags: ServeFlags,
    shutdown: Shutdown,
    health: Health,
    admin: AdminReady | None,
) -> None:
    """Receive until cancelled. Each delivery is stored first, then shown and forwarded."""
    hub, console = ActivityHub(), ctx.console
    render = combined(
        ReceiverRenderer(console, verbose=flags.verbose),
        ForwardRenderer(console),
        render_inspector,
        render_admin,
        stopping_renderer(is_live=console.is_live),
    )
    async with (
        opened_store(ctx.store, hub.publish, config.receiver.name) as store,
        on_screen(console, render, store, hub),
        receiving(
            config,
            store=store,
            publish=hub.publish,
            now=utc_now,
            run_directory=ctx.run_directory,
            counters=health.counters,
            grace_s=shutdown.grace_s,
        ) as receiver,
    ):
        hub.publish(ReceiverReady(receiver.url, receiver.asks_for_secret))
        console.note(f"deliveries are stored in {ctx.store}")
        if not receiver.asks_for_secret:
            console.note("no secret is set: anyone who knows the URL can post to it")
        if admin is not None:
            hub.publish(admin)
        if not console.is_log:
            console.note("press Ctrl-C to stop")
        inspector = inspector_beside(ctx, config.receiver.auth, hub, open_=flags.open_)
        async with ctx.uptime.kept(), inspector:
            with health.working(await work_of(config, store)):
                await _until_stopped(ctx.service, shutdown, receiver.url)


async def _until_stopped(service: ServiceManager, shutdown: Shutdown, url: str) -> None:
    service.tell("READY=1", f"STATUS=receiving at {url}")
    try:
        await anyio.sleep_forever()
    finally:
        if shutdown.signal is not None:
            service.tell("STOPPING=1", "STATUS=finishing requests")


async def work_of(config: ServeConfig, store: Store) -> Work:
    """Return what the admin port looks at."""
    duplicates = config.forward is None or config.forward.duplicates
    return Work(store, await store.last_seq(), config.targets, duplicates)


def _refuse_a_loop(target: str, receiver: ReceiverConfig) -> None:
    parts = urlsplit(target)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    same_host = host == receiver.host or (
        is_loopback(host) and (is_loopback(receiver.host) or receiver.host in EVERY_ADDRESS)
    )
    if port == receiver.port and same_host:
        raise InvalidInput(
            f"{without_credentials(target)} is the receiver itself:"
            " forwarding to it would never end",
            next_step="pass the URL of your app to --forward-to",
        )
