"""The HTTP client of okhook: one request, one answer, and errors that name the failure.

Like Okta, it follows no redirects and keeps no cookies.
Proxies and certificates are those of :mod:`okhook.http.network`.
"""

import math
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import anyio

from okhook.http.decompressing import CODINGS, NotCompressed, decompressed
from okhook.http.errors import (
    AnswerLost,
    CannotBeSent,
    ConnectionFailed,
    EnvironmentFault,
    TimedOut,
    request_fault,
)
from okhook.version import __version__

if TYPE_CHECKING:
    import httpx

    Transport = httpx.AsyncBaseTransport

Headers = Sequence[tuple[str, str]]
HeaderBytes = Sequence[tuple[bytes, bytes]]

ANSWER_LIMIT_BYTES = 32 << 20
"""Ten times the longest page of a System Log: a longer answer must not fill our memory."""

_IDLE_S = 4.0
"""When to close an idle connection: before Node does, which waits 5 s."""

_EXCHANGE = "okhook.exchange"
"""The extension of a request that has its :class:`_Exchange`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response. With ``auth``, ``url`` may be another than the one that was called."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed_s: float
    url: str = ""

    def header(self, name: str) -> str | None:
        """Return the first header with that name, in any case."""
        return next(iter(self.header_values(name)), None)

    def header_values(self, name: str) -> list[str]:
        """Return every header with that name: Okta sends several ``Link`` headers."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    @property
    def date(self) -> datetime | None:
        """The ``Date`` in UTC; None if it is missing or invalid."""
        return self.time_in("date")

    def time_in(self, name: str) -> datetime | None:
        """Return the time in a header, in UTC; None if it is missing or invalid."""
        try:
            date = parsedate_to_datetime(self.header(name) or "")
            return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people, such as that of a proxy."""
        return "html" in (self.header("content-type") or "").lower()


class HttpClient:
    """Sends requests over pooled connections; ``async with`` closes them.

    With ``unix_socket``, every request goes to the server at that path, whatever its URL.
    ``transport`` replaces the network. A longer answer than ``answer_limit_bytes`` is an error.
    A connection is used again within ``idle_s``.
    """

    def __init__(
        self,
        *,
        user_agent: str = f"okhook/{__version__}",
        timeout_s: float = 10.0,
        transport: "Transport | None" = None,
        max_connections: int = 100,
        unix_socket: str | None = None,
        answer_limit_bytes: int | None = None,
        idle_s: float = _IDLE_S,
    ) -> None:
        # httpx is slow to import, and many commands import this module and send nothing.
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        import httpx

        from okhook.http.network import Network

        if unix_socket is not None:
            transport = httpx.AsyncHTTPTransport(uds=unix_socket, verify=False, trust_env=False)
        self._transport = transport or Network(max_connections, idle_s)
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent},
            timeout=timeout_s,
            transport=self._transport,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            event_hooks={"request": [_begin_request]},
        )
        self._client.headers["Accept-Encoding"] = ", ".join(CODINGS)
        self._headers = self._client.headers.raw
        self._timeout_s = timeout_s
        self._answer_limit_bytes = answer_limit_bytes or ANSWER_LIMIT_BYTES
        self._called: tuple[str, httpx.URL] = "", httpx.URL()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self._client.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers | HeaderBytes = (),
        body: bytes | None = None,
        timeout_s: float | None = None,
        auth: "httpx.Auth | None" = None,
        only_first_bytes: int | None = None,
    ) -> Answer:
        """Send one request and read the answer.

        ``timeout_s`` includes everything from the DNS lookup to the last byte of the answer. Each
        request that ``auth`` sends has its own timeout; the ``url`` of an answer or an error is the
        last request's. With ``only_first_bytes``, the status alone counts: the body is cut at that
        length, and when the connection breaks or the time ends. Raises HttpError.
        """
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        exchange = _Exchange(url, url, limit_s)
        began = time.monotonic()
        with _named_faults(exchange), anyio.fail_after(None) as exchange.time:
            request = self._request(method, url, headers, body)
            exchange.request = request
            limits_s = dict.fromkeys(("connect", "read", "write", "pool"), limit_s)
            request.extensions = {_EXCHANGE: exchange, "timeout": limits_s}
            opened = await self._opened(request, auth)
            async with aclosing(opened) as response:
                content = await (
                    _read_all(response, exchange, self._answer_limit_bytes)
                    if only_first_bytes is None
                    else _read_beginning(response, exchange, only_first_bytes)
                )
        return Answer(
            status=response.status_code,
            headers=tuple(response.headers.multi_items()),
            body=content,
            elapsed_s=time.monotonic() - began,
            url=exchange.url,
        )

    def _request(
        self, method: str, url: str, headers: Headers | HeaderBytes, body: bytes | None
    ) -> "httpx.Request":
        """Return a request as httpx's client builds it, but without reading ``url`` each time."""
        import httpx

        if self._called[0] != url:
            read = httpx.URL(url)
            if not read.host:
                raise ValueError("it names no host")
            if urlsplit(url).port == 0:  # httpx does not check it
                raise ValueError("port 0 is invalid")
            self._called = url, read
        given = httpx.Headers(headers)
        added = [header for header in self._headers if header[0].decode() not in given]
        return httpx.Request(method, self._called[1], headers=[*added, *given.raw], content=body)

    async def _opened(
        self, request: "httpx.Request", auth: "httpx.Auth | None"
    ) -> "httpx.Response":
        """Send a request. Without ``auth`` the transport alone is enough, and faster."""
        if auth is not None or request.url.userinfo:
            return await self._client.send(request, auth=auth, stream=True)
        await _begin_request(request)
        del request.extensions["timeout"]  # the whole exchange has one: four more take time
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response


@dataclass(slots=True)
class _Exchange:
    """A call of ``called``; ``url`` and ``limit_s`` are those of the request that is under way."""

    called: str
    url: str
    limit_s: float
    request: "httpx.Request | None" = None
    time: anyio.CancelScope = field(default_factory=anyio.CancelScope)


async def _begin_request(request: "httpx.Request") -> None:
    """Start the timeout of a request; an ``httpx.Auth`` can send several in one exchange."""
    exchange: _Exchange | None = request.extensions.get(_EXCHANGE)
    if exchange is not None:
        exchange.url = exchange.called if request is exchange.request else str(request.url)
        exchange.limit_s = request.extensions["timeout"]["read"]
        exchange.time.deadline = anyio.current_time() + exchange.limit_s


@contextmanager
def _named_faults(exchange: _Exchange) -> Iterator[None]:
    import httpx

    from okhook.http.network import UnusableEnvironment

    try:
        yield
    except UnusableEnvironment as error:
        raise EnvironmentFault(exchange.url, str(error)) from None
    except (httpx.LocalProtocolError, UnicodeError):  # they quote the header: it may be the secret
        raise CannotBeSent(
            exchange.url, "the request contains characters that HTTP does not allow"
        ) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
        raise ConnectionFailed(exchange.url, f"invalid address: {error}") from None
    except (TimeoutError, httpx.TimeoutException):
        raise TimedOut(exchange.url, f"no answer within {exchange.limit_s:g} s") from None
    except httpx.ConnectError as error:
        raise request_fault(exchange.url, error) from error
    except httpx.ProxyError as error:
        raise ConnectionFailed(exchange.url, f"the proxy refused: {error}") from error
    except NotCompressed as error:
        reason = f"the answer is not compressed as it says: {error}"
        raise AnswerLost(exchange.url, reason) from None
    except httpx.RequestError as error:
        raise AnswerLost(exchange.url, _lost(error)) from error


def _lost(error: "httpx.RequestError") -> str:
    """Return why there is no answer, without h11's quote of the bytes that are no HTTP."""
    said = str(error)
    if said.startswith(("illegal status line", "illegal header line")):
        return "the answer is not HTTP"
    return said or "the connection broke before the whole answer came"


def _parts(response: "httpx.Response") -> AsyncIterator[bytes]:
    """Return the parts of a body, decompressed. One that was compressed more than once stays so."""
    if response.is_stream_consumed:  # by a transport that replaces the network
        return response.aiter_bytes()
    codings = response.headers.get_list("content-encoding", split_commas=True)
    coding = codings[0].strip().lower() if len(codings) == 1 else None
    return decompressed(response.aiter_raw(), coding) if coding in CODINGS else response.aiter_raw()


async def _read_all(response: "httpx.Response", exchange: _Exchange, limit_bytes: int) -> bytes:
    """Read an answer's body, decompressed."""
    body = bytearray()
    async for part in _parts(response):
        body += part
        if len(body) > limit_bytes:
            raise AnswerLost(exchange.url, f"the response is longer than {limit_bytes >> 20} MiB")
    return bytes(body)


async def _read_beginning(
    response: "httpx.Response", exchange: _Exchange, length_bytes: int
) -> bytes:
    """Read the beginning of an answer's body. A fault or the timeout cuts it too."""
    import httpx

    body = bytearray()
    deadline, exchange.time.deadline = exchange.time.deadline, math.inf
    with anyio.CancelScope(deadline=deadline), suppress(httpx.RequestError, NotCompressed):
        async for part in _parts(response):
            body += part
            if len(body) > length_bytes:
                break
    return bytes(body[:length_bytes])
