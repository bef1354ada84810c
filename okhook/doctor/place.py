"""Where on this machine a URL leads: a port, and the path on it. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from okhook.wire.org import is_loopback

_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Where a receiver listens, or should."""

    port: int
    path: str

    @property
    def url(self) -> str:
        """The URL under which programs of this machine reach it."""
        return f"http://127.0.0.1:{self.port}{self.path}"


def place_of(url: str) -> Place | None:
    """Return the place of a URL on this machine; None for another's, and for what is no URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not is_loopback(host):
        return None
    return Place(_HTTP_PORT if port is None else port, parts.path or "/")
