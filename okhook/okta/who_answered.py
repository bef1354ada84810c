"""Who stands behind an address or an answer, as far as it tells; the rest is not guessed."""

import ipaddress
from urllib.parse import urlsplit

from okhook.http.client import Answer
from okhook.okta.redaction import Hush
from okhook.text import plain
from okhook.wire.org import is_loopback

RECEIVER_HEADER = "x-okhook-receiver"
"""Our receiver marks its answers with this header; its value is the version."""

_HOOKDECK_HOSTS = ("events.hookdeck.com", "hkdk.events")


def is_hookdeck_url(url: str) -> bool:
    """Tell whether ``url`` is one of Hookdeck's webhook URLs, by its host."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == known or host.endswith(f".{known}") for known in _HOOKDECK_HOSTS)


def answered_by(answer: Answer, hush: Hush) -> str | None:
    """Name who answered, where the answer tells; None where it does not."""
    version = answer.header(RECEIVER_HEADER)
    if version is not None:
        return f"okhook's receiver {plain(hush(version), limit=20)}"
    if any(name.lower().startswith("x-hookdeck-") for name, _ in answer.headers):
        return "Hookdeck"
    server = answer.header("server")
    return f"a server that calls itself {plain(hush(server), limit=60)}" if server else None


def is_private(url: str) -> bool:
    """Tell whether ``url`` names an address that nobody outside can reach."""
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
