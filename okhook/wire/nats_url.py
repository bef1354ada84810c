"""The URL of a NATS subject: ``nats://HOST:4222/SUBJECT``, or several hosts with commas."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from okhook.wire.url import split_url

_DEFAULT_PORT: Final = 4222
_EXAMPLE: Final = "nats://localhost:4222/okta.events"

_SUBJECT = re.compile(r"(?!\$)[^\s.*>\ufffd]+(\.[^\s.*>\ufffd]+)*")
"""A subject to publish to: tokens between dots, no wildcards. ``$`` begins NATS's own ones.

U+FFFD is what percent-encoding that is not UTF-8 becomes.
"""

_EVENT_TYPE: Final = "{eventType}"
"""The last word of a subject, in place of which each event's type is put."""

_SAFE_TYPE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_LONGEST_TYPE = 200
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class NatsUrl:
    """The ``servers`` to try in this order, each ``HOST:PORT``, and the subject to publish to.

    The subject may end in ``{eventType}``. With ``tls``, a server that offers no TLS is not used.
    """

    servers: tuple[str, ...]
    subject: str
    tls: bool

    @property
    def subjects(self) -> str:
        """All that is published to: a subject, or one with a wildcard."""
        return self.subject.replace(_EVENT_TYPE, ">")

    def subject_for(self, event_type: str) -> str:
        """Return the subject for an event. A type that is no subject counts as ``unknown``."""
        is_safe = len(event_type) <= _LONGEST_TYPE and _SAFE_TYPE.fullmatch(event_type)
        return self.subject.replace(_EVENT_TYPE, event_type if is_safe else _UNKNOWN)


def parse_nats_url(url: str) -> NatsUrl:
    """Parse a URL without a login. Raises ValueError, whose message is what was expected."""
    if not url.isprintable() or " " in url:
        raise ValueError(f"a URL like {_EXAMPLE}")
    if url.count("://") > 1:
        raise ValueError("one URL with several hosts, like nats://a:4222,b:4222/okta.events")
    if "?" in url or "#" in url:
        raise ValueError(f"a URL without ? and #, like {_EXAMPLE}")
    scheme, hosts, rest = split_url(url)
    path = rest.removeprefix("/")
    subject = unquote(path)
    if not subject:
        raise ValueError(f"a URL with the subject after the host, like {_EXAMPLE}")
    if "/" in path or not _SUBJECT.fullmatch(subject) or not subject.isprintable():
        raise ValueError(
            "a subject to publish to, such as okta.events: words between dots, without * and >"
        )
    before, placeholder, after = f".{subject}".rpartition(f".{_EVENT_TYPE}")
    fixed = before if placeholder and not after else subject
    if "{" in fixed or "}" in fixed:
        raise ValueError(
            f"{_EVENT_TYPE} as the last word, like nats://localhost:4222/okta.{_EVENT_TYPE}"
        )
    servers = tuple(_server(each) for each in hosts.split(","))
    return NatsUrl(servers, subject, scheme == "tls")


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
