"""The transports of the HTTP client: direct, or through a proxy.

Each is built when something is first called through it. So a proxy or certificates that cannot be
used break no call on this machine. Imports httpx, which is slow.
"""

import importlib.util
import os
import ssl
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, cast

import anyio
import httpx

from okhook.http.proxies import proxy_of, variable_of
from okhook.text import is_quoted

if importlib.util.find_spec("sniffio") is None:
    # httpcore tries to import it four times per request, and Python searches each time.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

_CERTIFICATES = {"SSL_CERT_FILE": "cafile", "SSL_CERT_DIR": "capath"}
_SOCKS = ("socks5", "socks5h")
_PROXY_SCHEMES = ("http", "https", *_SOCKS)


class UnusableEnvironment(Exception):
    """The environment names a proxy or certificates that cannot be used. It repeats no password."""


class Network(httpx.AsyncBaseTransport):
    """Sends each request directly or through the proxy that the environment names for its URL.

    Each connection has a transport of its own, because httpcore looks at every connection of a
    pool, with a system call, whenever a request begins or ends.
    """

    def __init__(self, max_connections: int, idle_s: float) -> None:
        self._max_connections = max_connections
        self._one = httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=idle_s
        )
        self._origins: dict[tuple[str, bytes], _Origin] = {}
        self._context: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raise UnusableEnvironment if its proxy or certificates are unusable."""
        named = request.url.scheme, request.url.netloc
        origin = self._origins.get(named)
        if origin is None:
            origin = self._origins[named] = _Origin(self._route(request.url), self._max_connections)
        return await origin.send(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for origin in self._origins.values():
            await origin.aclose()

    def _route(self, url: httpx.URL) -> Callable[[], httpx.AsyncHTTPTransport]:
        """Return the function that makes a transport to ``url``."""
        if url.scheme == "https":
            self._context = self._context or trusted()
        named = proxy_of(str(url), urllib.request.getproxies())
        return partial(
            httpx.AsyncHTTPTransport,
            verify=self._context or False,  # without TLS there is nothing to verify
            trust_env=False,
            limits=self._one,
            proxy=None if named is None else _usable(named, variable_of(url.scheme)),
        )


class _Origin:
    """The transports to one origin: one for each request that is under way, and some to spare."""

    def __init__(self, new: Callable[[], httpx.AsyncHTTPTransport], most: int) -> None:
        self._new = new
        self._free: list[httpx.AsyncHTTPTransport] = []
        self._room = anyio.Semaphore(most, fast_acquire=True)

    async def send(self, request: httpx.Request) -> httpx.Response:
        await self._room.acquire()
        transport = self._free.pop() if self._free else self._new()
        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            self._put_back(transport)
            raise
        body = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _Stream(body, partial(self._put_back, transport))
        return response

    async def aclose(self) -> None:
        for transport in self._free:
            await transport.aclose()

    def _put_back(self, transport: httpx.AsyncHTTPTransport) -> None:
        self._free.append(transport)
        self._room.release()


class _Stream(httpx.AsyncByteStream):
    """The body of an answer; ``then`` is called once it is closed."""

    def __init__(self, body: httpx.AsyncByteStream, then: Callable[[], None]) -> None:
        self._body = body
        self._then = then
        self._closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body.__aiter__()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            await self._body.aclose()
        finally:
            self._then()


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
        named = os.environ.get(variable)
        if not named:
            continue
        try:
            why = _not_certificates(kind, named)
            if why is None:
                context.load_verify_locations(**{kind: named})
        except ssl.SSLError:
            why = "it contains no certificate"
        except OSError as error:
            why = error.strerror
        if why is not None:
            raise UnusableEnvironment(f"cannot use {variable}: {why}")
    return context


def _not_certificates(kind: str, named: str) -> str | None:
    """Return why a path cannot be used, if OpenSSL does not say so: it waits for a pipe."""
    if kind == "capath":
        is_usable = any(map(os.path.isdir, named.split(os.pathsep)))
        return None if is_usable else "it is not a directory"
    mode = Path(named).stat().st_mode
    return None if S_ISREG(mode) or S_ISDIR(mode) else "it is not a regular file"


def _usable(url: str, variable: str) -> httpx.Proxy:
    """Return httpx's form of a proxy, or raise UnusableEnvironment."""
    scheme = url.partition("://")[0].lower()
    why = None
    if is_quoted(url):
        why = "it is in quotes"
    elif scheme not in _PROXY_SCHEMES:
        why = f"its scheme must be one of {', '.join(_PROXY_SCHEMES)}"
    elif scheme in _SOCKS and importlib.util.find_spec("socksio") is None:
        why = "the Python package socksio is not installed: pip install 'httpx[socks]'"
    if why is None:
        with suppress(ValueError, httpx.InvalidURL):  # an error may quote the proxy's password
            if httpx.URL(url).host:
                return httpx.Proxy(url, ssl_context=trusted() if scheme == "https" else None)
        why = "it is not a valid URL"
    raise UnusableEnvironment(f"cannot use the proxy in {variable}: {why}")
