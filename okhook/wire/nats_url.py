"""The URL of a NATS subject: ``nats://HOST:4222/SUBJECT``, or several hosts with commas."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

_DEFAULT_PORT: Final = 4222
_EXAMPLE: Final = "nats://localhost:4222/okta.events"

_SUBJECT = re.compile(r"(?!\$)[^\s.*>\ufffd]+(\.[^\s.*>\ufffd]+)*")
"""A subject to publish to: tokens between dots, no wildcards. ``$`` begins NATS's own ones.

U+FFFD is what percent-encoding that is not UTF-8 becomes.
"""


@dataclass(frozen=True, slots=True)
class NatsUrl:
    """The ``servers`` to try in this order, each ``HOST:PORT``, and the subject to publish to.

    With ``tls``, a server that offers no TLS is not used.
    """

    servers: tuple[str, ...]
    subject: str
    tls: bool


def parse_nats_url(url: str) -> NatsUrl:
    """Parse a URL without a login. Raises ValueError, whose message is what was expected."""
    if not url.isprintable() or " " in url:
        raise ValueError(f"a URL like {_EXAMPLE}")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"a URL like {_EXAMPLE}") from None
    if url.count("://") > 1:
        raise ValueError("one URL with several hosts, like nats://a:4222,b:4222/okta.events")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValueError(f"a URL without ? and #, like {_EXAMPLE}")
    path = parts.path.removeprefix("/")
    subject = unquote(path)
    if not subject:
        raise ValueError(f"a URL with the subject after the host, like {_EXAMPLE}")
    if "/" in path or not _SUBJECT.fullmatch(subject) or not subject.isprintable():
        raise ValueError(
            "a subject to publish to, such as okta.events: words between dots, without * and >"
        )
    servers = tuple(_server(each) for each in parts.netloc.split(","))
    return NatsUrl(servers, subject, parts.scheme == "tls")


def _server(text: str) -> str:
    """Return ``HOST:PORT`` with the default port added; an IPv6 address is in brackets."""
    try:
        parts = urlsplit(f"//{text}")
        name, port = parts.hostname, parts.port
    except ValueError:
        name, port = None, None
    if not name or "@" in text or port == 0:
        raise ValueError("a host and a port from 1 to 65535, like localhost:4222")
    host = f"[{name}]" if ":" in name else name
    return f"{host}:{port or _DEFAULT_PORT}"
