"""Choose the proxy for a URL, as the environment names it."""

import ipaddress
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from okhook.wire.org import is_loopback

_DEFAULT_PORTS = {"https": 443, "http": 80}
_WITH_PORT = re.compile(r"([^:]+|\[.*\]):(\d+)")
_BRACKETS = str.maketrans("", "", "[]")


def proxy_of(url: str, proxies: Mapping[str, str]) -> str | None:
    """Return the proxy for ``url``; None if it is called directly, as this machine itself always.

    ``proxies`` are as :func:`urllib.request.getproxies` gives them: ``https``, ``http``, ``all``,
    and ``no`` for what is exempt.
    """
    parts = urlsplit(url)
    proxy = proxies.get(parts.scheme, "").strip() or proxies.get("all", "").strip()
    host = (parts.hostname or "").rstrip(".")
    if not proxy or is_loopback(host) or host.endswith(".localhost"):
        return None
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    if any(_exempts(rule, host, port) for rule in re.split(r"[,\s]+", proxies.get("no", ""))):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def without_login(proxy: str) -> str:
    """Return a proxy's URL without its user name and password."""
    scheme, _, rest = proxy.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def variable_of(scheme: str) -> str:
    """Return the variable that names the proxy for URLs with ``scheme``."""
    variables = [f"{kind}_proxy" for kind in (scheme, "all")]
    names = [spelled for name in variables for spelled in (name, name.upper())]
    return next(
        (name for name in names if os.environ.get(name, "").strip()), "the system's settings"
    )


def _exempts(rule: str, host: str, port: int | None) -> bool:
    """Return whether an entry of NO_PROXY matches: ``*``, a name, its domain, an IP network.

    An address may be in brackets, and a name or an address may have a port.
    """
    rule = rule.lower().rpartition("://")[2]
    if with_port := _WITH_PORT.fullmatch(rule):
        rule = with_port[1]
        if int(with_port[2]) != port:
            return False
    rule = rule.translate(_BRACKETS)
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        name = rule.removeprefix("*").strip(".")
        return rule == "*" or (bool(name) and (host == name or host.endswith(f".{name}")))
