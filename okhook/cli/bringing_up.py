"""Bring up and show: what ``up`` does, from settings to the last line."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio

from okhook.cli.forwarding import ForwardFlags, forward_config
from okhook.cli.opening import DEFAULT_WAIT_S
from okhook.cli.receiving import receiver_config, tell_of_the_store
from okhook.cli.render.up import UpRenderer, how_it_is_made
from okhook.cli.sandboxing import sandbox_config
from okhook.cli.screen import on_screen
from okhook.cli.start import Start
from okhook.cli.tunnelling import orphans_to_end, tunnel_config
from okhook.config.hook_auth import DEFAULT_FIELD
from okhook.display import plain
from okhook.errors import InvalidInput
from okhook.event_types import DEFAULT_EVENT_TYPE
from okhook.http import HttpClient
from okhook.okta.access import org_access
from okhook.okta.spelling import filters_of, headers_of, own_hook_name
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.shutdown import Shutdown
from okhook.secret import HookAuth, Secret
from okhook.store.sqlite import open_store
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.orphan import Orphan
from okhook.up.activities import StepDone
from okhook.up.config import Direct, PublicUrl, Route, UpConfig, WantedRegistration
from okhook.up.orgs import OpenOrg, existing_org, sandbox_org
from okhook.up.parts import UpParts
from okhook.up.running import run_up
from okhook.up.sandbox_user import TEST_USER_MAKES
from okhook.version import __version__

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
    begun: Start,
    flags: UpFlags,
    catch_up_since: datetime | None,
    shutdown: Shutdown,
    done: anyio.Event,
) -> None:
    """Bring everything up, show what happens, and take everything down in order.

    ``done`` is set once it is ready, or with ``--once`` once the event came.
    """
    auth = begun.hook_auth() or _fresh_auth()
    config = _up_config(begun, flags, auth, catch_up_since)
    _check_it_can_end(config, flags)
    orphans = _orphans(begun, flags, config.route)
    hub = ActivityHub()
    open_org = _org_opener(begun, flags, hub)
    render = UpRenderer(
        begun.console,
        verbose=flags.verbose,
        quiet=begun.settings.switch("quiet").value,
        keep=flags.keep,
    )
    began = time.monotonic()
    async with (
        open_store(begun.store_file) as store,
        on_screen(begun.console, render, store, hub),
        HttpClient(user_agent=f"okhook/{__version__}") as http,
    ):
        tell_of_the_store(store, hub)
        hub.publish(StepDone("store", str(begun.store_file), time.monotonic() - began))
        parts = UpParts(
            store=store,
            hub=hub,
            http=http,
            state=begun.state,
            run_directory=begun.run_directory,
            environ=begun.environ,
            before_hard_exit=shutdown.before_hard_exit,
            may_end_orphan=orphans.__contains__,
            now=utc_now,
        )
        await run_up(config, parts, open_org, done=done)


def _up_config(
    begun: Start, flags: UpFlags, auth: HookAuth, catch_up_since: datetime | None
) -> UpConfig:
    settings = begun.settings
    description, events = settings.text("description"), settings.texts("event")
    timeout = settings.seconds_or("timeout", DEFAULT_PATH_TIMEOUT_S)
    receiver = receiver_config(begun, auth)
    return UpConfig(
        receiver=receiver,
        forward=forward_config(begun, flags.forward, receiver),
        route=_route(begun, flags, receiver.port),
        registration=WantedRegistration(
            name=settings.text_or("name", own_hook_name()).value,
            events=events.value if events else (DEFAULT_EVENT_TYPE,),
            description=description.value if description else None,
            headers=headers_of(flags.headers),
            auth=auth,
            filters=filters_of(flags.filters),
            hook_id=flags.hook_id,
        ),
        once=flags.once,
        keep=flags.keep,
        catch_up_since=catch_up_since,
        wait_s=settings.seconds_or("wait", DEFAULT_WAIT_S).value,
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


def _route(begun: Start, flags: UpFlags, port: int) -> Route:
    route = _way_in(begun, flags, port)
    if flags.hookdeck_arguments and not isinstance(route, TunnelConfig):
        raise InvalidInput(
            f"{plain(' '.join(flags.hookdeck_arguments), limit=80)}: no Hookdeck is run that could"
            " take it",
            next_step="leave it out; with --sandbox, --tunnel runs a Hookdeck"
            if flags.sandbox
            else "leave it out, or --public-url",
        )
    return route


def _way_in(begun: Start, flags: UpFlags, port: int) -> Route:
    public = begun.settings.text("public_url")
    if public is not None and flags.tunnel:
        raise InvalidInput(f"{public.origin} and --tunnel contradict each other")
    if public is not None:
        return PublicUrl(public.value)
    if flags.sandbox and not flags.tunnel:
        return Direct()
    return tunnel_config(begun, port, flags.hookdeck_arguments)


def _org_opener(begun: Start, flags: UpFlags, hub: ActivityHub) -> OpenOrg:
    """Return what opens the org; an org that cannot be meant is refused before anything starts."""
    if not flags.sandbox:
        access = org_access(begun.settings, begun.environ, Path.home(), begun.run_directory)
        return existing_org(access)
    org = begun.settings.text("org")
    if org is not None and org.from_flag:
        raise InvalidInput("--sandbox and --org contradict each other")
    any_port = 0
    return sandbox_org(sandbox_config(begun, any_port), hub.publish, begun.run_directory)


def _orphans(begun: Start, flags: UpFlags, route: Route) -> list[Orphan]:
    if not isinstance(route, TunnelConfig):
        return []
    return orphans_to_end(begun, end_orphan=flags.end_orphan)


def _fresh_auth() -> HookAuth:
    """Make a secret for this run; the org learns it, and nothing on this machine keeps it."""
    return HookAuth(DEFAULT_FIELD, Secret(secrets.token_urlsafe(_SECRET_BYTES)))
