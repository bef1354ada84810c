"""Whether an app on this machine listens, without a request to it."""

from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

import anyio

from okhook.wire.org import is_loopback
from okhook.wire.target_url import is_stream

PortCheck = Callable[[], Awaitable[bool]]

_TIMEOUT_S = 1.0


def port_check(url: str) -> PortCheck | None:
    """Return what tells whether the target ``url`` listens; None if that is no app here."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_stream(url) or not is_loopback(host):
        return None
    return partial(_listens, host, parts.port or (443 if parts.scheme == "https" else 80))


async def _listens(host: str, port: int) -> bool:
    try:
        with anyio.fail_after(_TIMEOUT_S):
            stream = await anyio.connect_tcp(host, port)
    except (OSError, TimeoutError):
        return False
    await stream.aclose()
    return True
