"""Read the flags of ``okhook check``."""

import urllib.request

from okhook.check.commands import UUID_IN_URL, CommandObserver, command_restart, url_observer
from okhook.check.observing import CannotObserve, Observe
from okhook.check.target import Target
from okhook.check.traffic import Traffic
from okhook.cli.check.command import CheckFlags
from okhook.cli.context import Context
from okhook.cli.options import quantity
from okhook.cli.send_sample.payload import warn_if_unknown
from okhook.cli.targets import checked_url, warn_if_unencrypted
from okhook.config.setting import Setting
from okhook.errors import ConfigurationError, InvalidInput
from okhook.http.client import HttpClient
from okhook.http.proxies import proxy_of
from okhook.quantities import parse_age
from okhook.runtime.ids import new_uuid
from okhook.wire.event_types import eligible
from okhook.wire.target_url import scheme_of


def target_of(ctx: Context, url: str, flags: CheckFlags, http: HttpClient) -> Target:
    """Return the receiver that the flags and settings describe, or raise ``InvalidInput``."""
    try:
        checked_url(Setting(url, "URL"))
    except ConfigurationError as error:
        raise InvalidInput(error.what, next_step=error.next_step) from None
    auth = ctx.hook_auth()
    if auth is not None:
        warn_if_unencrypted(ctx, url)
    else:
        ctx.console.note(
            "no secret is set: the cases about it are skipped; Okta recommends setting one"
        )
    wait = quantity("--observe-wait", flags.observe_wait, parse_age)
    restart = flags.restart
    if restart is not None and flags.observe is None:
        raise InvalidInput(
            "--restart needs --observe",
            why="only your app can tell whether it processed an event again after the restart",
        )
    return Target(
        url,
        Traffic(auth, _event_types(ctx, flags)),
        observe=_observer(ctx, flags.observe, http),
        observe_wait_s=wait.total_seconds(),
        restart=None if restart is None else command_restart(restart, ctx.environ, url, http),
        engine=flags.engine,
        proxied=proxy_of(url, urllib.request.getproxies()) is not None,
    )


async def check_observer(observe: Observe) -> None:
    """Ask for an event that was never sent: its count must be 0, or raise ``InvalidInput``."""
    try:
        count = await observe(new_uuid())
    except CannotObserve as error:
        raise InvalidInput(
            "--observe does not count events",
            why=str(error),
            next_step='it must give a number, alone or as {"count": N}, and 0 for an unknown uuid',
        ) from None
    if count != 0:
        raise InvalidInput(
            f"--observe gives {count} for an event that was never sent: expected 0",
            next_step=f"use {UUID_IN_URL} in the URL, or OKHOOK_EVENT_UUID in the command",
        )


def _event_types(ctx: Context, flags: CheckFlags) -> tuple[str, ...]:
    named = tuple(ctx.settings.event.value)
    for each in named:
        warn_if_unknown(ctx, each, "sending it anyway")
    return tuple(dict.fromkeys([*named, *sorted(eligible())])) if flags.all_types else named


def _observer(ctx: Context, given: str | None, http: HttpClient) -> Observe | None:
    if given is None:
        return None
    if scheme_of(given) not in ("http", "https"):
        return CommandObserver(given, ctx.environ)
    checked_url(Setting(given.replace(UUID_IN_URL, "0"), "--observe"))
    if UUID_IN_URL not in given:
        raise InvalidInput(
            f"the URL of --observe has no {UUID_IN_URL}",
            next_step=f"for example: --observe 'http://localhost:3000/processed/{UUID_IN_URL}'",
        )
    return url_observer(given, http)
