"""The URL of a target: an app that speaks HTTP, or a stream of events.

A target is known by its URL, without a user and a password: the store, attempts and lists have no
other name for it. ``#cloudevents`` at the end of an HTTP URL belongs to it: such an app gets
CloudEvents, and has deliveries of its own that wait for it.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from okhook.wire.org import is_loopback
from okhook.wire.url import split_url, without_credentials

STREAMS: Final = ("nats", "tls")
"""The schemes of a stream. An app has ``http`` or ``https``."""

_LOGIN = re.compile(r"(?<=://)[^/?#\s]*@")

_CLOUD_EVENTS: Final = "#cloudevents"


def is_stream(url: str) -> bool:
    """Return whether the target is a stream, not an app."""
    return scheme_of(url) in STREAMS


def scheme_of(url: str) -> str:
    """Return the scheme in lower case; of a text without one, the text."""
    return url.partition("://")[0].lower()


def gets_cloud_events(url: str) -> bool:
    """Return whether the target is an app that gets CloudEvents instead of Okta's bytes."""
    return url.endswith(_CLOUD_EVENTS) and not is_stream(url)


def gets_okta_bytes(url: str) -> bool:
    """Return whether the target is an app that gets deliveries as Okta sent them."""
    return not is_stream(url) and not gets_cloud_events(url)


def with_cloud_events(url: str) -> str:
    """Return the target that gets CloudEvents at ``url``."""
    return url if is_stream(url) else url.partition("#")[0] + _CLOUD_EVENTS


def without_cloud_events(url: str) -> str:
    """Return the URL to call, without ``#cloudevents``."""
    return url.removesuffix(_CLOUD_EVENTS)


def is_http_url(url: str) -> bool:
    """Return whether a text is an absolute URL for HTTP."""
    try:
        parts = urlsplit(url)
        is_http = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    return bool(is_http) and url.isprintable() and " " not in url


def targets_shown_as(text: str, known: Iterable[str]) -> set[str]:
    """Return the known targets that are shown as ``text``."""
    return {url for url in known if without_credentials(url) == text}


def split_login(url: str) -> tuple[str, str | None]:
    """Return ``url`` without what stands before ``@`` in its authority, and that text."""
    scheme, mark, rest = url.partition("://")
    end = min((rest.find(each) for each in "/?#" if each in rest), default=len(rest))
    login, at, hosts = rest[:end].rpartition("@")
    if not mark or not at:
        return url, None
    return f"{scheme}://{hosts}{rest[end:]}", login


def without_logins(text: str) -> str:
    """Return a text without the login of any URL in it."""
    return _LOGIN.sub("", text)


def hosts_of(url: str) -> tuple[str, ...]:
    """Return the names of all hosts: commas separate the servers of a stream.

    Raises:
        ValueError: the URL is invalid.
    """
    _, hosts, _ = split_url(split_login(url)[0])
    return tuple(urlsplit(f"//{each}").hostname or "" for each in hosts.split(","))


def is_on_this_machine(url: str) -> bool:
    """Return whether every host of a URL is this machine. An invalid URL is not."""
    try:
        return all(map(is_loopback, hosts_of(url)))
    except ValueError:
        return False
