"""Bring up and show: what ``up`` does, from settings to the last line."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.sandbox.run import sandbox_config
from okhook.cli.serve.forwarding import ForwardFlags, forward_config
from okhook.cli.serve.run import receiver_config
from okhook.cli.tunnel.run import orphans_to_end, tunnel_config
from okhook.cli.up.view import UpRenderer, how_it_is_made
from okhook.config.hook_auth import DEFAULT_FIELD
from okhook.errors import InvalidInput
from okhook.http.client import HttpClient
from okhook.okta.auth.access import org_access
from okhook.okta.spelling import filters_of, headers_of
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.shutdown import Shutdown
from okhook.secret import HookAuth, Secret
from okhook.serve.running import opened_store
from okhook.text import plain
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.orphans import Orphan
from okhook.up.activities import StepDone
from okhook.up.config import Direct, PublicUrl, Route, UpConfig, WantedRegistration
from okhook.up.orgs import OpenOrg, existing_org, sandbox_org
from okhook.up.parts import UpParts
from okhook.up.running import run_up
from okhook.up.sandbox_user import TEST_USER_MAKES
from okhook.version import __version__
from okhook.wire.event_types import DEFAULT_EVENT_TYPE

DEFAULT_PATH_TIMEOUT_S = 30.0
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class UpFlags:
    """The flags of ``up`` that are no settings."""

    sandbox: bool
    tunnel: bool
    once: bool
    keep: bool
    catch_up: bool | None
    verbose: bool
    end_orphan: bool
    hook_id: str | None
    headers: tuple[str, ...]
    filters: tuple[str, ...]
    hookdeck_arguments: tuple[str, ...]
    forward: ForwardFlags


async def bring_up_and_show(
    ctx: Context,
    flags: UpFlags,
    catch_up_since: datetime | None,
    shutdown: Shutdown,
) -> None:
    """Bring everything up, show what happens, and take everything down in order.

    ``shutdown.done`` is set once it is ready, or with ``--once`` once the event came.
    """
    auth = ctx.hook_auth() or _fresh_auth()
    config = _up_config(ctx, flags, auth, catch_up_since)
    _check_it_can_end(config, flags)
    orphans = _orphans(ctx, flags, config.route)
    hub = ActivityHub()
    open_org = _org_opener(ctx, flags, hub)
    render = UpRenderer(
        ctx.console,
        verbose=flags.verbose,
        quiet=ctx.settings.quiet.value,
        keep=flags.keep,
    )
    began = time.monotonic()
    async with (
        opened_store(ctx.store_file, hub.publish) as store,
        on_screen(ctx.console, render, store, hub),
        HttpClient(user_agent=f"okhook/{__version__}") as http,
    ):
        hub.publish(StepDone("store", str(ctx.store_file), time.monotonic() - began))
        parts = UpParts(
            store=store,
            hub=hub,
            http=http,
            state=ctx.state,
            run_directory=ctx.run_directory,
            environ=ctx.environ,
            before_hard_exit=shutdown.before_hard_exit,
            may_end_orphan=orphans.__contains__,
            now=utc_now,
        )
        await run_up(config, parts, open_org, done=shutdown.done)


def _up_config(
    ctx: Context, flags: UpFlags, auth: HookAuth, catch_up_since: datetime | None
) -> UpConfig:
    settings = ctx.settings
    description = settings.description
    timeout = settings.timeout
    receiver = receiver_config(ctx, auth)
    return UpConfig(
        receiver=receiver,
        forward=forward_config(ctx, flags.forward, receiver),
        route=_route(ctx, flags, receiver.port),
        registration=WantedRegistration(
            name=settings.hook_name.value,
            events=settings.event.value,
            description=description.value if description else None,
            headers=headers_of(flags.headers),
            auth=auth,
            filters=filters_of(flags.filters),
            hook_id=flags.hook_id,
        ),
        once=flags.once,
        keep=flags.keep,
        catch_up_since=catch_up_since,
        wait_s=settings.wait.value,
        path_timeout_s=min(timeout.value, DEFAULT_PATH_TIMEOUT_S),
    )


def _check_it_can_end(config: UpConfig, flags: UpFlags) -> None:
    """Refuse to wait for an event that nobody makes."""
    events = config.registration.events
    if not (flags.once and flags.sandbox and events) or not TEST_USER_MAKES.isdisjoint(events):
        return
    raise InvalidInput(
        f"--once would wait for ever: the test user makes no {plain(events[0], limit=80)}",
        next_step=f"add --event {DEFAULT_EVENT_TYPE}, or leave --once out:"
        f" {how_it_is_made(events[0])}",
    )


def _route(ctx: Context, flags: UpFlags, port: int) -> Route:
    route = _way_in(ctx, flags, port)
    if flags.hookdeck_arguments and not isinstance(route, TunnelConfig):
        raise InvalidInput(
            f"{plain(' '.join(flags.hookdeck_arguments), limit=80)}: no Hookdeck is run that could"
            " take it",
            next_step="leave it out; with --sandbox, --tunnel runs a Hookdeck"
            if flags.sandbox
            else "leave it out, or --public-url",
        )
    return route


def _way_in(ctx: Context, flags: UpFlags, port: int) -> Route:
    public = ctx.settings.public_url
    if public is not None and flags.tunnel:
        raise InvalidInput(f"{public.origin} and --tunnel contradict each other")
    if public is not None:
        return PublicUrl(public.value)
    if flags.sandbox and not flags.tunnel:
        return Direct()
    return tunnel_config(ctx, port, flags.hookdeck_arguments)


def _org_opener(ctx: Context, flags: UpFlags, hub: ActivityHub) -> OpenOrg:
    """Return what opens the org; an org that cannot be meant is refused before anything starts."""
    if not flags.sandbox:
        access = org_access(ctx.settings, ctx.environ, Path.home(), ctx.run_directory)
        return existing_org(access)
    org = ctx.settings.org
    if org is not None and org.from_flag:
        raise InvalidInput("--sandbox and --org contradict each other")
    port = ctx.settings.sandbox_port
    config = sandbox_config(ctx, port=0 if port.is_default else port.value)
    return sandbox_org(config, hub.publish, ctx.run_directory)


def _orphans(ctx: Context, flags: UpFlags, route: Route) -> list[Orphan]:
    if not isinstance(route, TunnelConfig):
        return []
    return orphans_to_end(ctx, end_orphan=flags.end_orphan)


def _fresh_auth() -> HookAuth:
    """Make a secret for this run; the org learns it, and nothing on this machine keeps it."""
    return HookAuth(DEFAULT_FIELD, Secret(secrets.token_urlsafe(_SECRET_BYTES)))
