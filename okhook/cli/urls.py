"""Check URLs from the settings."""

from urllib.parse import urlsplit

from okhook.cli.context import Context
from okhook.config.setting import Setting
from okhook.wire.org import is_loopback
from okhook.wire.url import without_credentials


def checked_url(given: Setting[str]) -> str:
    """Return the URL if it is one for HTTP, and has no password."""
    try:
        parts = urlsplit(given.value)
        is_http = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        has_password = parts.username is not None or parts.password is not None
    except ValueError:
        is_http = has_password = False
    if not is_http or not given.value.isprintable() or " " in given.value:
        # A part before an @ may be a password.
        shown = Setting("", given.origin) if "@" in given.value else given
        raise shown.must_be("a URL like http://localhost:3000/hook")
    if has_password:
        raise given.fault(
            f"{given.origin} contains a user name or a password",
            next_step="pass them with --basic-auth or OKHOOK_BASIC_AUTH",
        )
    return given.value


def warn_if_unencrypted(ctx: Context, url: str) -> None:
    """Warn if the secret goes to another machine without TLS."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        shown = without_credentials(url)
        ctx.console.warn(
            f"the secret goes to {parts.netloc} unencrypted: {shown} does not use https"
        )
