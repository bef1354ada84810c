"""uvicorn's HTTP protocol, with limits for the head of a request and for a silent connection.

uvicorn itself keeps an endless header line in memory and waits for a head for ever. It closes a
connection on which the client still sends, and such a client misses the answer. It loses the body
of a request that offers another protocol, as Java's client offers HTTP/2 (``Upgrade: h2c``).
"""

import asyncio
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from okhook.runtime.ignored_upgrade import AfterOwnHead, own_head
from okhook.runtime.request_body import REFUSAL, WHOLE_BODY

HEAD_LIMIT_BYTES = 64 * 1024
HEADER_LIMIT = 100
HEAD_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 75.0
REST_TIMEOUT_S = 10.0
"""How long a client may send the body of a request that has its answer already."""

_TLS = b"\x16\x03"
"""How a TLS handshake begins."""

_TLS_HERE = "the client began TLS (https://), but this port takes http://"
_NOT_HTTP = "the request is not valid HTTP"

LINGER_BYTES = 16 * 1024 * 1024
LINGER_S = 2.0
"""How much, and how long, a client may send after its answer. What it sends is discarded."""


class LimitedProtocol(HttpToolsProtocol):
    """Serves one connection. The server calls :meth:`look_at_clock` about once a second.

    When the server stops, an idle connection may begin one more request for ``last_request_s``.
    """

    last_request_s: ClassVar[float] = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        self._in_head = False
        self._unparsed_bytes = 0
        """How much came since the last complete head, part of a body, or request."""
        self._most_head_bytes = 0
        """What the head cannot be larger than."""
        self._deadline: float | None = self.loop.time() + IDLE_TIMEOUT_S
        """When the head must be there, or the connection ends because it is silent."""
        self._refusal: tuple[int, str] | None = None
        """The error that follows when the requests before it are answered."""
        self._discarded_bytes: int | None = None
        """How much was discarded; None as long as requests are read."""
        self._lingers = False
        self._in_body = False
        self._leaves = False
        """Whether the server stops: the next answer is the last one of the connection."""

    def head_refused(self, status: int, reason: str) -> None:
        """Learn that a request was refused before its app was called; a subclass may tell."""

    def look_at_clock(self) -> None:
        """Close a connection that is silent for too long, and answer 408 to half a head."""
        if self._deadline is None or self._deadline > self.loop.time():
            return
        self._deadline = None
        if self._reads_head():
            self._refuse(408, f"the head of the request did not arrive within {HEAD_TIMEOUT_S:g} s")
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Parse what came; refuse what is malformed or over a limit."""
        if self._discarded_bytes is not None:
            self._discarded_bytes += len(data)
            if self._discarded_bytes > LINGER_BYTES:
                self.transport.close()
            return
        head_began = self._reads_head()
        self._unparsed_bytes += len(data)
        self._most_head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._read_on_without_upgrade(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, _HeadTooLarge):
                self._refuse_head()
            else:
                self._refuse(400, _TLS_HERE if data.startswith(_TLS) else _NOT_HTTP)
            return
        if self._unparsed_bytes > HEAD_LIMIT_BYTES or len(self.headers or ()) > HEADER_LIMIT:
            self._refuse_head()
            return
        cycle = self._unanswered()
        if cycle is not None:
            self._note_body(cycle)
        if self._reads_head():
            if not head_began:
                self._deadline = self.loop.time() + HEAD_TIMEOUT_S
            return
        self._most_head_bytes = 0
        self._await_more(cycle)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header, without the blanks around its value (RFC 9110, 5.5).

        The parser leaves those at its end.
        """
        HttpToolsProtocol.on_header(self, name, value.strip(b" \t"))  # super() costs a microsecond

    def on_headers_complete(self) -> None:
        """Call the app, unless the head is over a limit."""
        if len(self.headers) > HEADER_LIMIT or (
            self._most_head_bytes > HEAD_LIMIT_BYTES
            and len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            > HEAD_LIMIT_BYTES
        ):
            raise _HeadTooLarge
        self._in_head, self._unparsed_bytes = False, 0
        self._in_body = True
        super().on_headers_complete()
        # What comes after the body, as trailers, is no header of the request.
        self.headers = []
        if self._leaves:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Pass on a part of the body."""
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request. With an upgrade, the parser takes the head for the whole of it."""
        self._unparsed_bytes = 0
        if not self.parser.should_upgrade():
            self._in_body = False
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it."""
        was_last = not self.pipeline
        super().on_response_complete()
        self._unset_keepalive_if_required()  # our own deadline holds instead
        if self.transport.is_closing() or self._lingers or not was_last:
            return
        if self._refusal is not None:
            self._send_refusal(*self._refusal)
        elif not self._reads_head():
            self._await_more(None)
        if self._leaves:
            self._leave_when_idle()

    def shutdown(self) -> None:
        """End the connection in order, for a server that stops.

        A client that sends its next request at this moment must not find the connection closed.
        """
        self._leaves = True
        cycle = self._unanswered()
        if cycle is None:
            self._leave_when_idle()
        elif not cycle.response_started:
            cycle.keep_alive = False

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's returns None: close
        """Keep the connection of a client that only reads, until its requests are answered."""
        cycle = self._unanswered()
        if cycle is None or cycle.more_body:
            return False
        cycle.keep_alive = False
        return True

    def linger(self) -> None:
        """End the connection after what was written, but let the client finish sending first."""
        if self._lingers or self.transport.is_closing():
            return
        self._lingers, self._deadline, self._discarded_bytes = True, None, 0
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.close)

    def _leave_when_idle(self) -> None:
        if not self.last_request_s:
            self._leave()
        else:
            self.loop.call_later(self.last_request_s, self._leave)

    def _leave(self) -> None:
        if self._unanswered() is None and not self._reads_head() and not self._lingers:
            self.transport.close()

    def _unanswered(self) -> RequestResponseCycle | None:
        """Return the newest request, unless its answer is complete."""
        cycle: RequestResponseCycle | None = self.cycle
        return None if cycle is None or cycle.response_complete else cycle

    def _reads_head(self) -> bool:
        return self._in_head or self._unparsed_bytes > 0

    def _note_body(self, cycle: RequestResponseCycle) -> None:
        """Let the app know that the whole body is here, or the client finish after an answer."""
        if cycle.more_body:
            cycle.transport = _LingeringTransport(self, cycle)
        else:
            cycle.scope["state"][WHOLE_BODY] = True

    def _await_more(self, unanswered: RequestResponseCycle | None) -> None:
        """Set the deadline of a client that has all its answers; one that waits has none."""
        if unanswered is not None:
            self._deadline = None
        elif not self._in_body:
            self._deadline = self.loop.time() + IDLE_TIMEOUT_S
        elif self._deadline is None:
            self._deadline = self.loop.time() + REST_TIMEOUT_S

    def _read_on_without_upgrade(self, rest: bytes) -> None:
        """Ignore the offer of another protocol. The parser reads no further, so a new one does."""
        self.parser = httptools.HttpRequestParser(AfterOwnHead(self))
        self.data_received(own_head(self.scope["headers"]) + rest)

    def _refuse_head(self) -> None:
        limits = f"{HEAD_LIMIT_BYTES} bytes or {HEADER_LIMIT} headers"
        self._refuse(431, f"the head of the request is over {limits}")

    def _refuse(self, status: int, reason: str) -> None:
        """Read no more requests, and answer with an error once those before are answered."""
        self._deadline, self._discarded_bytes = None, 0
        cycle = self._unanswered()
        if cycle is None or not cycle.more_body:
            self.head_refused(status, reason)
        if cycle is None:
            self._send_refusal(status, reason)
        elif not cycle.more_body:
            self._refusal = status, reason
        elif self.pipeline or cycle.response_started:
            self.transport.close()
        else:  # the error is in the body that its app waits for
            cycle.scope["state"][REFUSAL] = status, reason
            cycle.disconnected = True
            cycle.message_event.set()
            self._send_refusal(status, reason)

    def _send_refusal(self, status: int, reason: str) -> None:
        body = f"{reason}\n".encode()
        head = (
            *(b"%s: %s\r\n" % header for header in self.server_state.default_headers),
            b"content-type: text/plain; charset=utf-8\r\n",
            b"content-length: %d\r\n" % len(body),
            b"connection: close\r\n\r\n",
        )
        self.transport.write(STATUS_LINE[status] + b"".join(head) + body)
        self.linger()


class _HeadTooLarge(Exception):
    pass


class _LingeringTransport(asyncio.Transport):
    """Answers a request whose body has not come yet."""

    def __init__(self, protocol: LimitedProtocol, cycle: RequestResponseCycle) -> None:
        super().__init__()
        self._protocol = protocol
        self._cycle = cycle

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._protocol.transport.write(data)

    def is_closing(self) -> bool:
        return self._protocol.transport.is_closing()

    def close(self) -> None:
        """Let the client finish sending what is left of the body."""
        if self._cycle.more_body:
            self._protocol.linger()
        else:
            self._protocol.transport.close()
