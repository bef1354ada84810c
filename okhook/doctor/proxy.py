"""Which proxy a call goes through, by the rules of the HTTP client. Pure."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from okhook.wire.org import is_loopback


def proxy_of(url: str, proxies: Mapping[str, str]) -> str | None:
    """Return the proxy of ``url``, without what opens it; None where it is called directly.

    ``proxies`` are as :func:`urllib.request.getproxies` gives them: ``https``, ``http``, ``all``,
    and ``no`` for what is exempt.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if is_loopback(host) or any(_exempts(each, host) for each in proxies.get("no", "").split(",")):
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return None if proxy is None else _without_userinfo(proxy)


def _exempts(rule: str, host: str) -> bool:
    """Tell whether an entry of NO_PROXY is about ``host``: ``*``, itself, or what it ends in."""
    wanted = rule.strip().lower()
    wanted = (urlsplit(wanted).hostname or "") if "://" in wanted else wanted
    if not wanted:
        return False
    return wanted == "*" or host == wanted or host.endswith(f".{wanted.lstrip('.')}")


def _without_userinfo(proxy: str) -> str:
    scheme, _, rest = proxy.rpartition("://")
    return f"{scheme or 'http'}://{rest.rpartition('@')[2]}"
