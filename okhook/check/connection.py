"""Calls over one connection of their own: pipelined, chunked, or left before the answer.

An HTTP client hides all this. Proxies are not used.
"""

import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from string import punctuation
from typing import Final
from urllib.parse import quote, urlsplit

import anyio
import anyio.abc
import httptools

from okhook.check.plan import Call, Exchange
from okhook.http.client import Answer
from okhook.http.errors import AnswerLost, ConnectionFailed, HttpError, TimedOut, TlsFailed
from okhook.http.network import trusted
from okhook.wire.url import normal_path

_LIMIT_BYTES: Final = 1 << 20
_CHUNK_BYTES: Final = 700
_LEAVE_AFTER_S: Final = 0.3


class ConnectionEnded(AnswerLost):
    """The server had announced with an earlier answer that it would close the connection."""

    fault = "connection closed as announced"


async def exchanges_on_one_connection(
    url: str, calls: Sequence[Call], *, pipelined: bool
) -> list[Exchange]:
    """Send ``calls`` over one connection, and return an exchange for each."""
    answers: list[Answer | HttpError] = []
    try:
        async with _connected(url, calls[0].patience_s) as stream:
            reader = _Answers(stream, url)
            if pipelined:
                await stream.send(b"".join(_request_bytes(url, call) for call in calls))
            for call in calls:
                if not pipelined:
                    await stream.send(_request_bytes(url, call))
                answers.append(await reader.next(call.patience_s))
    except HttpError as error:
        answers.append(error)
    except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        answers.append(AnswerLost(url, "the connection broke"))
    answers += [answers[-1]] * (len(calls) - len(answers))
    return [_exchange(call, url, answer) for call, answer in zip(calls, answers, strict=True)]


async def sent_unread(url: str, call: Call) -> None:
    """Send a call, give the server a moment to work, and close the connection unread."""
    with suppress(
        HttpError, OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream
    ):
        async with _connected(url, call.patience_s) as stream:
            await stream.send(_request_bytes(url, call))
            with anyio.move_on_after(_LEAVE_AFTER_S):
                await stream.receive(1)


def _exchange(call: Call, url: str, answer: Answer | HttpError) -> Exchange:
    if isinstance(answer, HttpError):
        return Exchange(call, url, None, answer)
    return Exchange(call, url, answer, None)


@asynccontextmanager
async def _connected(url: str, timeout_s: float) -> AsyncIterator[anyio.abc.ByteStream]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = trusted() if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    try:
        with anyio.fail_after(timeout_s):
            stream: anyio.abc.ByteStream
            if context is None:
                stream = await anyio.connect_tcp(host, port)
            else:
                stream = await anyio.connect_tcp(
                    host, port, ssl_context=context, tls_standard_compatible=False
                )
    except TimeoutError:
        raise TimedOut(url, f"no connection within {timeout_s:g} s") from None
    except ssl.SSLError as error:
        raise TlsFailed(url, error.reason or str(error)) from None
    except OSError as error:
        raise ConnectionFailed(url, error.strerror or str(error)) from None
    try:
        yield stream
    finally:
        await anyio.aclose_forcefully(stream)


def _request_bytes(url: str, call: Call) -> bytes:
    parts = urlsplit(url)
    target = normal_path(parts.path or "/")
    if parts.query:
        target += f"?{quote(parts.query, safe=punctuation)}"
    lines = [
        f"{call.method} {target} HTTP/1.1",
        f"Host: {parts.netloc.encode('idna').decode('ascii')}",
        *(f"{name}: {value}" for name, value in call.headers),
    ]
    body = call.body or b""
    if call.chunked:
        lines.append("Transfer-Encoding: chunked")
        body = b"".join(
            b"%x\r\n%b\r\n" % (len(part), part)
            for part in (body[at : at + _CHUNK_BYTES] for at in range(0, len(body), _CHUNK_BYTES))
        )
        body += b"0\r\n\r\n"
    elif call.body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class _Answers:
    """Reads one answer after the other from a stream."""

    def __init__(self, stream: anyio.abc.ByteStream, url: str) -> None:
        self._stream = stream
        self._url = url
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._complete: list[tuple[int, tuple[tuple[str, str], ...], bytes]] = []
        self._read_bytes = 0
        self._is_in_body = False
        self._ends = False

    async def next(self, timeout_s: float) -> Answer:
        """Return the next answer, or raise ``HttpError``."""
        began = time.monotonic()
        try:
            with anyio.fail_after(timeout_s):
                while not self._complete:
                    await self._read_on()
        except TimeoutError:
            raise TimedOut(self._url, f"no answer within {timeout_s:g} s") from None
        except httptools.HttpParserError as error:
            raise AnswerLost(self._url, f"the answer is not HTTP: {error}") from None
        status, headers, body = self._complete.pop(0)
        return Answer(status, headers, body, time.monotonic() - began, self._url)

    async def _read_on(self) -> None:
        if self._ends:
            raise ConnectionEnded(self._url, "the server closed the connection, as it had said")
        try:
            data = await self._stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            if not self._is_in_body:
                raise AnswerLost(self._url, "the connection closed before an answer") from None
            self.on_message_complete()  # the end of the connection ends a body without a length
            return
        self._read_bytes += len(data)
        if self._read_bytes > _LIMIT_BYTES:
            raise AnswerLost(self._url, f"the answer is longer than {_LIMIT_BYTES >> 20} MiB")
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._headers, self._body = [], bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self._is_in_body = True

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        """Keep an answer, unless it is interim."""
        self._is_in_body = False
        status = self._parser.get_status_code()
        if status < 200:
            return
        self._ends = not self._parser.should_keep_alive()
        self._complete.append((status, tuple(self._headers), bytes(self._body)))
