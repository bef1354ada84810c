"""The transports of the HTTP client: direct, or through a proxy.

Each is built when something is first called through it. So a proxy or certificates that cannot be
used break no call on this machine. Imports httpx, which is slow.
"""

import importlib.util
import os
import ssl
import urllib.request
from contextlib import suppress
from typing import Any

import httpx

from okhook.http.proxies import proxy_of, variable_of
from okhook.text import is_quoted

_CERTIFICATES = {"SSL_CERT_FILE": "cafile", "SSL_CERT_DIR": "capath"}
_SOCKS = ("socks5", "socks5h")
_PROXY_SCHEMES = ("http", "https", *_SOCKS)


class UnusableEnvironment(Exception):
    """The environment names a proxy or certificates that cannot be used. It repeats no password."""


class Network(httpx.AsyncBaseTransport):
    """Sends each request directly or through the proxy that the environment names for its URL."""

    def __init__(self, limits: httpx.Limits) -> None:
        self._limits = limits
        self._by_origin: dict[tuple[str, bytes], httpx.AsyncHTTPTransport] = {}
        self._by_route: dict[tuple[bool, str | None], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raise UnusableEnvironment if its proxy or certificates are unusable."""
        origin = request.url.scheme, request.url.netloc
        transport = self._by_origin.get(origin)
        if transport is None:
            transport = self._by_origin[origin] = self._transport_for(request.url)
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._by_route.values():
            await transport.aclose()

    def _transport_for(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        is_tls, proxy = url.scheme == "https", proxy_of(str(url), urllib.request.getproxies())
        route = is_tls, proxy
        if route not in self._by_route:
            self._by_route[route] = httpx.AsyncHTTPTransport(
                verify=trusted() if is_tls else False,  # without TLS there is nothing to verify
                trust_env=False,
                limits=self._limits,
                proxy=None if proxy is None else _usable(proxy, variable_of(url.scheme)),
            )
        return self._by_route[route]


def trusted() -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and certifi's, and the environment's.

    Raises:
        UnusableEnvironment: ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` cannot be read.
    """
    import certifi
    import truststore

    class Context(truststore.SSLContext):
        """Reads certifi's bundle before the first handshake: that takes a while."""

        is_loaded = False

        def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:  # noqa: ANN401
            if not self.is_loaded:
                self.load_verify_locations(certifi.where())
                self.is_loaded = True
            return super().wrap_bio(*arguments, **named)

    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    for variable, kind in _CERTIFICATES.items():
        try:
            if named := os.environ.get(variable):
                context.load_verify_locations(**{kind: named})
        except OSError as error:
            why = (
                "it contains no certificate" if isinstance(error, ssl.SSLError) else error.strerror
            )
            raise UnusableEnvironment(f"cannot use {variable}: {why}") from None
    return context


def _usable(url: str, variable: str) -> httpx.Proxy:
    """Return httpx's form of a proxy, or raise UnusableEnvironment."""
    scheme = url.partition("://")[0].lower()
    why = None
    if is_quoted(url):
        why = "it is in quotes"
    elif scheme not in _PROXY_SCHEMES:
        why = f"its scheme is none of {', '.join(_PROXY_SCHEMES)}"
    elif scheme in _SOCKS and importlib.util.find_spec("socksio") is None:
        why = "the Python package socksio is not installed: pip install 'httpx[socks]'"
    if why is None:
        with suppress(ValueError, httpx.InvalidURL):  # an error may quote the proxy's password
            if httpx.URL(url).host:
                return httpx.Proxy(url, ssl_context=trusted() if scheme == "https" else None)
        why = "it is not a valid URL"
    raise UnusableEnvironment(f"cannot use the proxy in {variable}: {why}")
