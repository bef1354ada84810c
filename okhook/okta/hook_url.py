"""Find the URL of a hook, and classify one."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from okhook.errors import InvalidInput
from okhook.runtime.runs import ReceiverRun, TunnelRun
from okhook.text import plain
from okhook.wire.org import Org, is_loopback

_HOOKDECK_HOSTS = ("events.hookdeck.com", "hkdk.events")


def is_hookdeck_url(url: str) -> bool:
    """Return whether ``url`` is a webhook URL of Hookdeck."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == known or host.endswith(f".{known}") for known in _HOOKDECK_HOSTS)


def is_private(url: str) -> bool:
    """Return whether ``url`` has a loopback or private address."""
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def tunnel_urls(tunnels: Sequence[TunnelRun]) -> list[str]:
    """Return the webhook URLs of the running tunnels."""
    return [tunnel.webhook_url for tunnel in tunnels if tunnel.webhook_url]


def url_here(
    org: Org, tunnels: Sequence[TunnelRun], receivers: Sequence[ReceiverRun], usual: str
) -> str:
    """Return the webhook URL of the running tunnel.

    Without a tunnel, an org on this machine can call the running receiver. ``usual`` is the
    receiver's default URL.

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
            next_step="choose one with --url",
        )
    raise InvalidInput(
        f"no {noun} is running, and --url is not set",
        next_step=f"pass {how_to_name}, or run {how_to_start} in another terminal",
    )
