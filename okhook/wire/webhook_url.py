"""The URL of a hook: why no org could call it, and where it leads."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from okhook.text import plain
from okhook.wire.org import ADMIN_HOST, is_loopback
from okhook.wire.url import host_of

USER_IN_URL: Final = "the URL contains a user name"

_PLACEHOLDER = re.compile(r"[{}<>]|your-?okta-?domain|your-?domain", re.IGNORECASE)
_HOOKDECK_HOSTS = ("events.hookdeck.com", "hkdk.events")


def webhook_url_faults(url: str) -> Iterator[str]:
    """Yield why no org could call ``url``."""
    if _PLACEHOLDER.search(url):
        yield f"the URL contains a placeholder: {plain(url, limit=200)}"
        return
    if not url.isascii() or not url.isprintable() or " " in url:
        yield "the URL contains an invalid character"
        return
    try:
        parts = urlsplit(url)
    except ValueError as error:
        yield f"invalid URL: {error}"
        return
    if not parts.hostname:
        yield f"the URL has no host: {plain(url, limit=200)}"
        return
    yield from _faults_of_parts(parts, parts.hostname)


def _faults_of_parts(parts: SplitResult, host: str) -> Iterator[str]:
    if not _has_valid_port(parts):
        yield "the port of the URL is not a number from 1 to 65535"
    if "%" in host:
        yield f"{plain(host, limit=80)} is not a host: it contains a %"
    if parts.scheme == "http" and not is_loopback(host):
        yield "the URL must be https:// (http:// only for loopback addresses)"
    elif parts.scheme not in ("http", "https"):
        yield f"the URL must be https://, not {plain(parts.scheme, limit=20)}://"
    if parts.username is not None:
        yield USER_IN_URL
    if parts.fragment:
        yield "the URL has a fragment (#…), which is never sent"
    if ADMIN_HOST.fullmatch(host):
        yield f"{host} is Okta's Admin Console, not your endpoint"


def _has_valid_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def is_hookdeck_url(url: str) -> bool:
    """Return whether ``url`` is a webhook URL of Hookdeck."""
    host = host_of(url)
    return any(host == known or host.endswith(f".{known}") for known in _HOOKDECK_HOSTS)


def is_private(url: str) -> bool:
    """Return whether ``url`` has a loopback or private address."""
    host = host_of(url)
    try:
        return is_loopback(host) or ip_address(host).is_private
    except ValueError:
        return False
