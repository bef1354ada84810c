"""The HTTP client of every room: one request, one answer, and errors that say what failed.

The only module that names httpx. Redirects are never followed (Okta follows none), proxies and
private CAs come from the environment (``HTTPS_PROXY``, ``SSL_CERT_FILE``), and loopback addresses
are always reached directly.
"""

import os
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

Headers = Sequence[tuple[str, str]]

ANSWER_LIMIT_BYTES = 32 << 20
"""Ten times the longest page of an org's System Log. What sends more must not fill our memory."""

_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class HttpError(Exception):
    """No answer came. ``url`` is what was called."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(reason)
        self.url = url
        self.reason = reason


class NameNotFound(HttpError):
    """DNS does not know the host."""


class ConnectionFailed(HttpError):
    """No connection: refused, unreachable, or the proxy's fault."""


class TlsFailed(HttpError):
    """The TLS handshake failed, the certificate's faults included."""


class TimedOut(HttpError):
    """No whole answer within the time allowed."""


class AnswerLost(HttpError):
    """The request may have arrived, but the connection broke before an answer was read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, read whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed_s: float

    def header(self, name: str) -> str | None:
        """Return the first header called ``name``, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

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
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_s: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
        max_connections: int = 100,
    ) -> None:
        limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=20)
        direct: Mapping[str, httpx.AsyncBaseTransport | None] = (
            {} if transport is not None else dict.fromkeys(_LOOPBACK)
        )
        self._client = httpx.AsyncClient(
            headers={"User-Agent": user_agent},
            timeout=timeout_s,
            transport=transport,
            mounts=direct,
            limits=limits,
            follow_redirects=False,
        )
        self._timeout_s = timeout_s

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Send one request and read the whole answer.

        ``timeout_s`` bounds the whole exchange, from the look-up of the name to the last byte of
        the answer. An ``Accept`` or ``User-Agent`` in ``headers`` replaces the client's own.

        Raises:
            NameNotFound, ConnectionFailed, TlsFailed, TimedOut, AnswerLost: no answer came.

        """
        import anyio

        limit_s = self._timeout_s if timeout_s is None else timeout_s
        began = time.monotonic()
        try:
            _check_port(url)
            request = self._client.build_request(
                method, url, headers=list(headers), content=body, timeout=limit_s
            )
            with anyio.fail_after(limit_s):
                response = await self._client.send(request, stream=True)
                try:
                    content = await _read(response, url)
                finally:
                    await response.aclose()
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            raise ConnectionFailed(url, f"not an address that can be called: {error}") from None
        except (TimeoutError, httpx.TimeoutException):
            raise TimedOut(url, f"no answer within {limit_s:g} s") from None
        except httpx.ConnectError as error:
            raise _connect_fault(url, error) from error
        except httpx.ProxyError as error:
            raise ConnectionFailed(url, f"the proxy refused: {error}") from error
        except httpx.RequestError as error:
            raise AnswerLost(url, str(error) or type(error).__name__) from error
        return Answer(
            status=response.status_code,
            headers=tuple(response.headers.multi_items()),
            body=content,
            elapsed_s=time.monotonic() - began,
        )


async def _read(response: httpx.Response, url: str) -> bytes:
    """Read an answer's body, decompressed, up to :data:`ANSWER_LIMIT_BYTES`."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > ANSWER_LIMIT_BYTES:
            raise AnswerLost(url, f"the answer is longer than {ANSWER_LIMIT_BYTES >> 20} MiB")
    return bytes(body)


def _check_port(url: str) -> None:
    """Raise ``ValueError`` for a port that no socket has; httpx lets it through to the system."""
    if urlsplit(url).port == 0:
        raise ValueError("port 0 is nobody's")


def _connect_fault(url: str, error: httpx.ConnectError) -> HttpError:
    """Tell DNS, TLS and connection faults apart by what lies at the root of httpx's error."""
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
