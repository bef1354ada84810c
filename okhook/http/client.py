"""The HTTP client of every room: one request, one answer, and errors that say what failed.

The only module that sends with httpx. Redirects are never followed (Okta follows none), proxies and
private CAs come from the environment (``HTTPS_PROXY``, ``SSL_CERT_FILE``) and the system's trust
store, and loopback addresses are always reached directly. Cookies are not kept: Okta keeps none.
"""

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit

import anyio

from okhook.errors import ConfigurationError
from okhook.version import __version__

if TYPE_CHECKING:
    import ssl

    import httpx

Headers = Sequence[tuple[str, str]]
HeaderBytes = Sequence[tuple[bytes, bytes]]

ANSWER_LIMIT_BYTES = 32 << 20
"""Ten times the longest page of an org's System Log. What sends more must not fill our memory."""

_IDLE_S = 4.0
"""How long an idle connection is kept: Node closes its own after 5 s, and we should be first."""

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")

_EXCHANGE = "okhook.exchange"
"""Where a request of httpx has the exchange that it belongs to."""

_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class HttpError(Exception):
    """No answer came. ``url`` is what was called; ``fault`` says why in a word or two."""

    fault: ClassVar[str] = "no answer"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(reason)
        self.url = url
        self.reason = reason


class NameNotFound(HttpError):
    """DNS does not know the host."""

    fault = "name not found"


class ConnectionFailed(HttpError):
    """No connection: refused, unreachable, or the proxy's fault."""

    fault = "no connection"


class TlsFailed(HttpError):
    """The TLS handshake failed, the certificate's faults included."""

    fault = "TLS failed"


class TimedOut(HttpError):
    """No whole answer within the time allowed."""

    fault = "timeout"


class AnswerLost(HttpError):
    """The request may have arrived, but the connection broke before an answer was read."""

    fault = "connection lost"


class CannotBeSent(HttpError):
    """The request holds what HTTP cannot carry, so nothing was sent, and never will be."""

    fault = "cannot be sent"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response; its body is whole where not just the beginning was asked for.

    ``url`` is what answered: with ``auth`` it may be another than what was called.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed_s: float
    url: str = ""

    def header(self, name: str) -> str | None:
        """Return the first header called ``name``, in any case."""
        return next(iter(self.header_values(name)), None)

    def header_values(self, name: str) -> list[str]:
        """Return every header called ``name``: Okta sends several ``Link`` headers."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class HttpClient:
    """Sends requests over pooled connections; ``async with`` closes them.

    ``transport`` is the seam for tests: an ASGI app or a mock instead of the network.

    Raises:
        ConfigurationError: the proxy or the certificates that the environment names cannot be used.
    """

    def __init__(
        self,
        *,
        user_agent: str = f"okhook/{__version__}",
        timeout_s: float = 10.0,
        transport: "httpx.AsyncBaseTransport | None" = None,
        max_connections: int = 100,
    ) -> None:
        # Many commands know this module and send nothing: httpx takes a while to import.
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        import httpx

        limits = httpx.Limits(
            max_connections=max_connections,
            max_keepalive_connections=20,
            keepalive_expiry=_IDLE_S,
        )
        direct: Mapping[str, httpx.AsyncBaseTransport | None] = (
            {} if transport is not None else dict.fromkeys(_LOOPBACK)
        )
        with _named_environment_faults():
            self._client = httpx.AsyncClient(
                verify=transport is not None or trusted(),
                headers={"User-Agent": user_agent},
                timeout=timeout_s,
                transport=transport,
                mounts=direct,
                limits=limits,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                follow_redirects=False,
                event_hooks={"request": [_begin_request]},
            )
        self._timeout_s = timeout_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self._client.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        body: bytes | None = None,
        timeout_s: float | None = None,
        auth: "httpx.Auth | None" = None,
    ) -> Answer:
        """Send one request and read the whole answer.

        ``timeout_s`` bounds the whole exchange, from the look-up of the name to the last byte of
        the answer. An ``Accept`` or ``User-Agent`` in ``headers`` replaces the client's own.

        ``auth`` may send requests of its own first, as for a token. Each of them has its own time,
        and the ``url`` of an answer or a fault is that of the last request.

        Raises:
            NameNotFound, ConnectionFailed, TlsFailed, TimedOut, AnswerLost, CannotBeSent: no answer
                came.
        """
        exchange = _Exchange(url, self._timeout_s if timeout_s is None else timeout_s)
        began = time.monotonic()
        with _told_apart(exchange), anyio.fail_after(None) as exchange.time:
            request = self._request(method, url, headers, body, exchange.limit_s)
            exchange.call = request
            request.extensions[_EXCHANGE] = exchange
            opened = await self._client.send(request, auth=auth, stream=True)
            async with aclosing(opened) as response:
                content = await _read(response, exchange.url)
        return _answer(response, exchange.url, content, began)

    async def send_for_beginning(
        self,
        method: str,
        url: str,
        *,
        headers: HeaderBytes,
        body: bytes,
        timeout_s: float,
        limit_bytes: int,
    ) -> Answer:
        """Send one request and read only the beginning of the answer's body.

        For a server that is trusted with nothing but its status: once that is there, it counts,
        however the body goes on. Read of it are up to ``limit_bytes``, decompressed, or less where
        the connection breaks or ``timeout_s``, which bounds the whole exchange, is over.

        Raises:
            NameNotFound, ConnectionFailed, TlsFailed, TimedOut, AnswerLost, CannotBeSent: no status
                came.
        """
        began = time.monotonic()
        with _told_apart(_Exchange(url, timeout_s)):
            request = self._request(method, url, headers, body, timeout_s)
            with anyio.fail_after(timeout_s) as in_time:
                opened = await self._client.send(request, stream=True)
            async with aclosing(opened) as response:
                content = await _read_beginning(response, limit_bytes, until=in_time.deadline)
        return _answer(response, url, content, began)

    def _request(
        self,
        method: str,
        url: str,
        headers: Headers | HeaderBytes,
        body: bytes | None,
        timeout_s: float,
    ) -> "httpx.Request":
        import httpx

        if urlsplit(url).port == 0:  # httpx lets it through to the system
            raise ValueError("port 0 is nobody's")
        return self._client.build_request(
            method, url, headers=httpx.Headers(headers), content=body, timeout=timeout_s
        )


def trusted() -> "ssl.SSLContext | bool":
    """Return what an HTTP client verifies certificates with.

    The system's trust store, to which companies add their own authorities, and certifi's bundle for
    machines that have none. Where ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` is set, True: the client
    reads them itself, and they alone count.
    """
    if any(os.environ.get(name) for name in _CERTIFICATES):
        return True
    import ssl

    import certifi
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    return context


@dataclass(slots=True)
class _Exchange:
    """A call of ``called``. ``beside`` is the URL of a request that is sent for it meanwhile."""

    called: str
    limit_s: float
    call: "httpx.Request | None" = None
    beside: str | None = None
    time: anyio.CancelScope | None = None

    @property
    def url(self) -> str:
        """The URL of the request that is on its way."""
        return self.beside or self.called


async def _begin_request(request: "httpx.Request") -> None:
    """Give each request of an exchange its own time; an ``httpx.Auth`` may send several."""
    exchange: _Exchange | None = request.extensions.get(_EXCHANGE)
    if exchange is not None and exchange.time is not None:
        exchange.beside = None if request is exchange.call else str(request.url)
        exchange.limit_s = request.extensions["timeout"]["read"]
        exchange.time.deadline = anyio.current_time() + exchange.limit_s


def _answer(response: "httpx.Response", url: str, body: bytes, began: float) -> Answer:
    return Answer(
        status=response.status_code,
        headers=tuple(response.headers.multi_items()),
        body=body,
        elapsed_s=time.monotonic() - began,
        url=url,
    )


@contextmanager
def _told_apart(exchange: _Exchange) -> Iterator[None]:
    """Raise what the library raises as one of the errors of this module."""
    import httpx

    try:
        yield
    except (httpx.LocalProtocolError, UnicodeError):  # they quote the header: it may be the secret
        raise CannotBeSent(exchange.url, "the request holds what HTTP cannot carry") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
        raise ConnectionFailed(
            exchange.url, f"not an address that can be called: {error}"
        ) from None
    except (TimeoutError, httpx.TimeoutException):
        raise TimedOut(exchange.url, f"no answer within {exchange.limit_s:g} s") from None
    except httpx.ConnectError as error:
        raise _connect_fault(exchange.url, error) from error
    except httpx.ProxyError as error:
        raise ConnectionFailed(exchange.url, f"the proxy refused: {error}") from error
    except httpx.RequestError as error:
        raise AnswerLost(exchange.url, str(error) or type(error).__name__) from error


async def _read(response: "httpx.Response", url: str) -> bytes:
    """Read an answer's body, decompressed, up to :data:`ANSWER_LIMIT_BYTES`."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > ANSWER_LIMIT_BYTES:
            raise AnswerLost(url, f"the answer is longer than {ANSWER_LIMIT_BYTES >> 20} MiB")
    return bytes(body)


async def _read_beginning(response: "httpx.Response", limit_bytes: int, *, until: float) -> bytes:
    """Read up to ``limit_bytes`` of an answer's body; what breaks off or takes too long is cut."""
    import httpx

    body = bytearray()
    with anyio.CancelScope(deadline=until), suppress(httpx.RequestError):
        async for part in response.aiter_bytes():
            body += part
            if len(body) > limit_bytes:
                break
    return bytes(body[:limit_bytes])


@contextmanager
def _named_environment_faults() -> Iterator[None]:
    """Raise what the environment's proxy or certificates make impossible as a setting's fault.

    A complaint about a proxy's URL is not repeated: it may quote the password in it.
    """
    import httpx

    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise _cannot_be_used("certificates", _CERTIFICATES, why) from None
    except ImportError as error:
        raise _cannot_be_used("proxy", _PROXIES, str(error)) from None
    except (ValueError, httpx.InvalidURL):
        raise _cannot_be_used("proxy", _PROXIES, None) from None


def _cannot_be_used(what: str, variables: Sequence[str], why: str | None) -> ConfigurationError:
    named = [name for name, value in os.environ.items() if name.upper() in variables and value]
    return ConfigurationError(
        f"nothing can be called with the {what} that the environment names",
        why=why,
        next_step=f"correct {' or '.join(named)}",
    )


def _connect_fault(url: str, error: "httpx.ConnectError") -> HttpError:
    """Tell DNS, TLS and connection faults apart by what lies at the root of httpx's error."""
    import ssl

    root: BaseException = error
    seen: set[int] = set()
    while id(root) not in seen:
        seen.add(id(root))
        if isinstance(root, ssl.SSLError):
            reason = getattr(root, "verify_message", "") or root.reason or str(root)
            return TlsFailed(url, str(reason))
        if isinstance(root, socket.gaierror):
            return NameNotFound(url, f"the name cannot be resolved: {root.strerror or root}")
        root = root.__cause__ or root.__context__ or root
    by_number = os.strerror(root.errno) if isinstance(root, OSError) and root.errno else None
    return ConnectionFailed(url, by_number or str(error))
