"""Run ``okhook up``: from the settings to the last line."""

import os
import secrets
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import anyio

from okhook.admin.health import Health
from okhook.cli.admin_port import admin_beside
from okhook.cli.context import Context
from okhook.cli.inspect.run import inspector_beside
from okhook.cli.live_screen import on_screen
from okhook.cli.options import seconds
from okhook.cli.org_access import access_to, command_to_paste, named_org_of
from okhook.cli.org_session import opened_org
from okhook.cli.register.run import wanted_hook
from okhook.cli.sandbox.run import sandbox_config
from okhook.cli.serve.run import serve_config, work_of
from okhook.cli.serve.wait_for_store import open_or_wait_for_store
from okhook.cli.tunnel.run import tunnel_config
from okhook.cli.up.command import UpFlags
from okhook.cli.up.view import UpRenderer, activation, how_to_cause
from okhook.config.names import hook_name
from okhook.config.settings import Settings
from okhook.errors import InvalidInput, OkhookError
from okhook.http.client import HttpClient
from okhook.okta.auth.access import OrgAccess
from okhook.okta.auth.sources import SANDBOX
from okhook.okta.registered_here import RegisteredHere
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import SandboxRun
from okhook.runtime.shutdown import END_OF_A_SERVICE_S, ENDED_LATE, Shutdown, run_until_done
from okhook.sandbox.running import SandboxConfig
from okhook.secret import HookAuth, Secret
from okhook.text import plain
from okhook.trigger.scenario import ACTIONS
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.up.activities import StepChanged
from okhook.up.config import UpConfig, UpParts
from okhook.up.running import TEST_USER_CAUSES, run_up
from okhook.wire.event_types import DEFAULT_EVENT_TYPE

_LONGEST_PATH_TIMEOUT_S = 30.0


def run_and_show(ctx: Context, flags: UpFlags) -> None:
    """Run ``up`` until a signal, or with ``--once`` until the event."""
    since = catch_up_since(ctx, flags)
    awaited = "the event arrived" if flags.once else "Ready"
    run_until_done(
        lambda shutdown: bring_up_and_show(ctx, flags, since, shutdown),
        interrupted=f"interrupted before {awaited}",
        longest_end_s=END_OF_A_SERVICE_S,
    )


async def bring_up_and_show(
    ctx: Context, flags: UpFlags, catch_up_since: datetime | None, shutdown: Shutdown
) -> None:
    """Run ``up`` and show its activities."""
    shutdown.when_late(lambda: ctx.console.warn(ENDED_LATE))
    config = _up_config(ctx, flags, catch_up_since)
    hub = ActivityHub()
    render = UpRenderer(
        ctx.console,
        partial(_command, ctx, flags),
        flags,
        activation(os.environ.get("SHELL", "")),
    )
    began = time.monotonic()
    counters = ServiceCounters()
    not_yet = "hook: it is not verified yet"
    health = Health(counters, lambda: None if shutdown.done.is_set() else not_yet)
    opened = open_or_wait_for_store(ctx, config.serve, health, hub.publish, waits=not flags.once)
    # With --once it ends before anyone could look at an inspector.
    inspector = inspector_beside(ctx, config.serve.receiver.auth, hub, open_=flags.open_)
    async with (
        opened as (serve, store),
        on_screen(ctx.console, render, store, hub),
        HttpClient() as http,
        nullcontext() if flags.once else inspector,
        admin_beside(ctx, health, config.serve.targets, command="up", hub=hub) as admin,
    ):
        hub.publish(StepChanged("store", "done", str(ctx.store), time.monotonic() - began))
        parts = UpParts(
            store=store,
            hub=hub,
            http=http,
            run_directory=ctx.run_directory,
            environ=ctx.environ,
            shutdown=shutdown,
            counters=counters,
        )
        if admin is not None:
            hub.publish(admin)
        with health.working(await work_of(config.serve, store)):
            await run_up(replace(config, serve=serve), parts)


def _command(ctx: Context, flags: UpFlags, *words: str) -> str:
    """Return a command for the same org and store, for any terminal."""
    if not flags.sandbox:
        return command_to_paste(ctx, *words)
    sandboxes = ctx.run_directory.running(SandboxRun)
    ours = next((each.org_url for each in sandboxes if each.pid == os.getpid()), SANDBOX)
    return command_to_paste(ctx, *words, org=ours if len(sandboxes) > 1 else SANDBOX)


def _up_config(ctx: Context, flags: UpFlags, catch_up_since: datetime | None) -> UpConfig:
    """Return the configuration, or refuse flags that cannot be used together."""
    # A generated secret lasts for this run. Only the org stores it.
    auth = ctx.hook_auth() or HookAuth(Settings.auth_field.default, Secret(secrets.token_urlsafe()))
    serve = serve_config(ctx, flags, auth)
    org = _org(ctx, flags)
    is_here = isinstance(org, SandboxConfig) or org.org.is_loopback
    tunnel = _tunnel_config(ctx, flags, serve.receiver.port, is_here=is_here)
    hook = wanted_hook(ctx, "", auth, flags)
    if flags.sandbox and hook.keeps_events:
        hook = replace(hook, events=tuple(ACTIONS))
    within_s = _within_s(flags)
    is_endless = flags.once and flags.sandbox and within_s is None
    if is_endless and hook.events and TEST_USER_CAUSES.isdisjoint(hook.events):
        raise InvalidInput(
            "--once would never end: the test user does not cause"
            f" {plain(hook.events[0], limit=80)}",
            next_step=f"add --event {DEFAULT_EVENT_TYPE}, or limit the wait with --within 60s and"
            f" cause an event meanwhile with: {how_to_cause(hook.events[0])}",
        )
    return UpConfig(
        serve=serve,
        store=ctx.store,
        org=org,
        hook=hook,
        hook_id=flags.hook_id,
        tunnel=tunnel,
        public_url=ctx.settings.public_url.value if ctx.settings.public_url else None,
        once=flags.once,
        within_s=within_s,
        keep=flags.keep,
        catch_up_since=catch_up_since,
        wait_s=ctx.settings.wait.value,
        prove_every_s=ctx.settings.prove_every.value,
        path_timeout_s=min(ctx.settings.timeout.value, _LONGEST_PATH_TIMEOUT_S),
    )


def _within_s(flags: UpFlags) -> float | None:
    if flags.within is None:
        return None
    if not flags.once:
        raise InvalidInput("--within requires --once")
    return seconds("--within", flags.within)


def _tunnel_config(
    ctx: Context, flags: UpFlags, port: int, *, is_here: bool
) -> HookdeckConfig | None:
    """Return the tunnel; None with ``--public-url``.

    An org that ``is_here``, on this machine, calls the receiver itself, unless with ``--tunnel``.
    """
    public = ctx.settings.public_url
    if public is not None and flags.tunnel:
        raise InvalidInput(f"{public.origin} and --tunnel cannot be used together")
    if public is None and (flags.tunnel or not is_here):
        return tunnel_config(ctx, port, flags.hookdeck_arguments or ())
    if flags.hookdeck_arguments:
        raise InvalidInput(
            f"unexpected argument {plain(' '.join(flags.hookdeck_arguments), limit=80)}:"
            " Hookdeck is not used",
            next_step="remove it, or run Hookdeck with --tunnel"
            if is_here and public is None
            else "remove it, or --public-url",
        )
    return None


def _org(ctx: Context, flags: UpFlags) -> OrgAccess | SandboxConfig:
    if not flags.sandbox:
        return access_to(ctx, named_org_of(ctx))
    org = ctx.settings.org
    if org is not None and org.from_flag:
        raise InvalidInput("--sandbox and --org cannot be used together")
    port = ctx.settings.sandbox_port
    config = sandbox_config(ctx, port=0 if port.is_default else port.value)
    return replace(config, port_flag="--sandbox-port")


_WORTH_ASKING = timedelta(minutes=1)


def catch_up_since(ctx: Context, flags: UpFlags) -> datetime | None:
    """Return the end of the last run if ``up`` should catch up from there, else None."""
    if flags.sandbox and flags.catch_up:
        raise InvalidInput(
            "--catch-up and --sandbox cannot be used together: a new sandbox has no earlier events"
        )
    if flags.sandbox or flags.catch_up is False:
        return None
    periods = ctx.uptime.periods()
    ends = [period.ended for period in periods if period.ended is not None]
    if not ends or len(ends) < len(periods):
        if flags.catch_up:
            ctx.console.note(
                "cannot catch up while another receiver runs;"
                f" to receive what it missed, run {command_to_paste(ctx, 'reconcile', '--fix')}"
                if periods
                else "no missed events to fetch: found no earlier run"
            )
        return None
    ended = max(ends)
    if flags.catch_up:
        return ended
    if utc_now() - ended < _WORTH_ASKING:
        return None
    if flags.hook_id is None and not _registered_here(ctx):
        return None
    ago = _ago(utc_now() - ended)
    if ctx.console.confirm(f"the last run ended {ago} ago: receive the org's events since then?"):
        return ended
    ctx.console.note(
        f"the last run ended {ago} ago: pass --catch-up to receive the events since then"
    )
    return None


def _registered_here(ctx: Context) -> bool:
    """Return whether this machine registered the hook in this org.

    A sandbox is asked: it may be a new org at the URL of an earlier one.
    """
    org, name = named_org_of(ctx).value, hook_name(ctx.settings).value
    hook_id = RegisteredHere(ctx.state).id_of(org, name)
    if hook_id is None:
        return False
    return not org.is_loopback or anyio.run(_has_hook, ctx, hook_id)


async def _has_hook(ctx: Context, hook_id: str) -> bool:
    try:
        async with opened_org(ctx) as session:
            return any(hook.id == hook_id for hook in await session.api.all())
    except OkhookError:
        return False


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
