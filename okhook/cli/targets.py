"""URLs from the settings: apps and streams, and the logins of streams."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from okhook.cli.context import Context
from okhook.config.paths import expanded
from okhook.config.plain_file import plain_text
from okhook.config.setting import Setting
from okhook.config.settings import ForwardFormat, Settings
from okhook.secret import Secret, StreamLogin
from okhook.text import plain
from okhook.wire.nats_url import parse_nats_url
from okhook.wire.org import is_loopback
from okhook.wire.target_url import (
    gets_cloud_events,
    is_http_url,
    is_on_this_machine,
    is_stream,
    split_login,
    with_cloud_events,
)
from okhook.wire.url import split_url, without_credentials

_SEVERAL = re.compile(r"[,\s]\s*https?://")


def checked_url(given: Setting[str]) -> str:
    """Return the URL if it is one for HTTP, and has no password."""
    if not is_http_url(given.value):
        # A part before an @ may be a password.
        shown = Setting("", given.origin) if "@" in given.value else given
        raise shown.must_be("a URL like http://localhost:3000/hook")
    if split_login(given.value)[1] is not None:
        raise given.fault(
            f"{given.origin} contains a user name or a password",
            next_step="pass them with --basic-auth or OKHOOK_BASIC_AUTH",
        )
    if "#" in given.value and not gets_cloud_events(given.value):
        raise given.must_be("a URL without a fragment (#…), which is never sent")
    return given.value


def checked_targets(settings: Settings, given: Setting[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the targets that ``given`` names, without logins."""
    for url in given.value:
        if _SEVERAL.search(url):
            how = f"repeat {given.origin}" if given.from_flag else "write one URL per line"
            raise given.fault(f"{given.origin} has several URLs on one line", next_step=how)
    return tuple(_checked(settings, Setting(url, given.origin)) for url in given.value)


def login_for(settings: Settings, target: str) -> StreamLogin | None:
    """Return the login for a stream; None for an app, and for a stream that asks for none.

    It is the login that the target's URL was written with, or else the credentials file; and the
    client certificate.
    """
    if not is_stream(target):
        return None
    named = settings.nats_certificate
    certificate = None if named is None else expanded(named.value, named.origin)
    user = next((login for login, url in _logins(settings) if url == target), None)
    if user is not None:
        return StreamLogin(user=Secret(user), certificate=certificate)
    if settings.nats_credentials is not None:
        return StreamLogin(file=_content(settings.nats_credentials), certificate=certificate)
    return None if certificate is None else StreamLogin(certificate=certificate)


def _content(named: Setting[str]) -> Secret:
    path = expanded(named.value, named.origin)
    try:
        return Secret(plain_text(path))
    except OSError as error:
        raise named.fault(f"{named.origin}: could not read {path}", why=error.strerror) from error
    except ValueError as error:
        raise named.fault(f"{named.origin}: {path} is empty, or not text") from error


def warn_if_unencrypted(ctx: Context, url: str) -> None:
    """Warn if the secret goes to another machine without TLS."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        shown = without_credentials(url)
        ctx.console.warn(
            f"the secret goes to {parts.netloc} unencrypted: {shown} does not use https"
        )


def warn_if_login_unencrypted(ctx: Context, target: str, login: StreamLogin | None) -> None:
    """Warn if a password or a token goes to another machine without TLS."""
    is_encrypted = target.lower().startswith("tls:") or is_on_this_machine(target)
    if login is not None and login.user is not None and not is_encrypted:
        ctx.console.warn(
            f"the login goes to {plain(split_url(target)[1])} unencrypted, unless the server"
            " asks for TLS; use tls://"
        )


def _logins(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each login in a URL of the environment or the user's file, and that URL without it."""
    for layer in settings.layers:
        if "forward_to" not in layer.values:
            continue
        given = Setting(layer.values["forward_to"], layer.origins["forward_to"])
        if given.from_flag or given.is_projects:
            continue
        for text in Settings.forward_to.read(given):
            url, login = split_login(text)
            if login:
                yield login, url


def _checked(settings: Settings, given: Setting[str]) -> str:
    if not is_stream(given.value):
        url = checked_url(given)
        is_default = settings.forward_format.value is ForwardFormat.OKTA
        return url if is_default else with_cloud_events(url)
    url, login = split_login(given.value)
    if login and (given.from_flag or given.is_projects):
        raise given.fault(
            f"{given.origin} contains a user name, a password or a token",
            why="others on this machine can read it in the process list"
            if given.from_flag
            else "a project's file must not contain a credential",
            next_step="write the URL with the login in OKHOOK_FORWARD_TO, or set"
            " OKHOOK_NATS_CREDENTIALS to a credentials file",
        )
    try:
        parse_nats_url(url)
    except ValueError as error:
        shown = Setting("", given.origin) if "@" in given.value else given
        raise shown.must_be(str(error)) from None
    return url
