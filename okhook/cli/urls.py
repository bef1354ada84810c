"""Check URLs from the settings."""

from urllib.parse import urlsplit

from okhook.cli.context import Context
from okhook.config.setting import Setting
from okhook.wire.org import is_loopback

_APP = "http://localhost:3000/hook"


def checked_urls(given: Setting[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the URLs of apps after :func:`checked_url`."""
    return tuple(checked_url(Setting(url, given.origin), example=_APP) for url in given.value)


def checked_url(given: Setting[str], *, example: str) -> str:
    """Return the URL. An error shows ``example``."""
    try:
        parts = urlsplit(given.value)
        port = parts.port
    except ValueError as fault:
        raise given.fault(f"{given.origin} is not a URL", why=str(fault)) from None
    is_http = parts.scheme in ("http", "https") and parts.hostname and port != 0
    if not is_http or not given.value.isprintable() or " " in given.value:
        raise given.fault(
            f"{given.origin} must be a URL that starts with http:// or https://",
            next_step=f"write it like {example}",
        )
    if parts.username is not None or parts.password is not None:
        raise given.fault(
            f"{given.origin} contains a user name or a password",
            next_step="pass them with --basic-auth or OKHOOK_BASIC_AUTH",
        )
    return given.value


def warn_if_unencrypted(ctx: Context, url: str) -> None:
    """Warn if the secret goes to another machine without TLS."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        ctx.console.warn(f"the secret goes to {parts.netloc} unencrypted: {url} does not use https")


def on_loopback(url: str) -> str:
    """Replace the address for all interfaces with the loopback address."""
    return url.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")
