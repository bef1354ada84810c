"""The URL of a hook: whose it is, and which it is when none is named.

That is then the running tunnel's, or a receiver's on loopback.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from okhook.errors import InvalidInput
from okhook.runtime.runs import ReceiverRun, TunnelRun
from okhook.text import plain
from okhook.wire.org import Org, is_loopback

_HOOKDECK_HOSTS = ("events.hookdeck.com", "hkdk.events")


def is_hookdeck_url(url: str) -> bool:
    """Tell whether ``url`` is one of Hookdeck's webhook URLs, by its host."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == known or host.endswith(f".{known}") for known in _HOOKDECK_HOSTS)


def is_private(url: str) -> bool:
    """Tell whether ``url`` names an address that cannot be reached from outside."""
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def tunnel_urls(tunnels: Sequence[TunnelRun]) -> list[str]:
    """Return the webhook URLs that the running tunnels have written down."""
    return [tunnel.webhook_url for tunnel in tunnels if tunnel.webhook_url]


def url_here(
    org: Org, tunnels: Sequence[TunnelRun], receivers: Sequence[ReceiverRun], usual: str
) -> str:
    """Return the webhook URL of the one tunnel that runs.

    Without a tunnel an org on this machine gets the URL of the one receiver that runs, which it
    can call itself. ``usual`` is where a receiver would be.

    Raises:
        InvalidInput: no tunnel or receiver runs, or several do.
    """
    urls = tunnel_urls(tunnels)
    if urls or not org.is_loopback:
        return _the_one("tunnel", urls, "--url", "okhook tunnel")
    return _the_one("receiver", [each.url for each in receivers], f"--url {usual}", "okhook serve")


def _the_one(noun: str, urls: Sequence[str], how_to_name: str, how_to_start: str) -> str:
    if len(urls) == 1:
        return urls[0]
    if urls:
        raise InvalidInput(
            f"{len(urls)} {noun}s are running",
            why="\n".join(plain(url, limit=200) for url in urls),
            next_step="name the one that is meant with --url",
        )
    raise InvalidInput(
        f"no URL is given, and no {noun} is running",
        next_step=f"name one with {how_to_name},"
        f" or start a {noun} in another terminal: {how_to_start}",
    )
