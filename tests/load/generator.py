"""Post deliveries over many kept connections, one at a time on each, until they or the server end.

A connection that the server ends is not opened again: its delivery in flight is unknown, and the
load goes on over the others. Written on sockets, because a client that does more would measure
itself.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import final
from urllib.parse import urlsplit

import anyio

from okhook.wire.hook_call import delivery_headers
from tests.load.deliveries import FreshDelivery
from tests.load.outcomes import Outcomes

Headers = Sequence[tuple[str, str]]


async def post_all(
    url: str,
    deliveries: Iterator[FreshDelivery],
    outcomes: Outcomes,
    *,
    connections: int,
    headers: Headers = (),
) -> None:
    """Post ``deliveries`` to ``url`` with Okta's headers, and note in ``outcomes`` what came of it.

    ``headers`` are sent besides. A server that takes no connection gets no delivery.
    """
    head = request_head(url, headers)
    parts = urlsplit(url)
    async with anyio.create_task_group() as tasks:
        for _ in range(connections):
            connection = _Connection(head, deliveries, outcomes)
            tasks.start_soon(connection.run, parts.hostname or "", parts.port or 80)


def request_head(url: str, headers: Headers = ()) -> bytes:
    """Return a request's head up to the value of its ``Content-Length``, which comes last."""
    parts = urlsplit(url)
    pairs = [("Host", parts.netloc), *delivery_headers("load"), *headers]
    lines = [f"POST {parts.path or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in pairs)]
    return "\r\n".join([*lines, "Content-Length: "]).encode()


@final
class _Connection(asyncio.Protocol):
    """One connection: posts, waits for the answer, notes it, posts the next."""

    def __init__(
        self, head: bytes, deliveries: Iterator[FreshDelivery], outcomes: Outcomes
    ) -> None:
        self._head = head
        self._deliveries = deliveries
        self._outcomes = outcomes
        self._received = bytearray()
        self._in_flight: FreshDelivery | None = None
        self._began_s = 0.0
        self._ended = anyio.Event()
        self._transport: asyncio.WriteTransport | None = None

    async def run(self, host: str, port: int) -> None:
        """Connect and post until there is nothing more to post, or nobody to post to."""
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        except OSError:
            return
        await self._ended.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._post_next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        status = _take_status(self._received)
        if status is None or self._in_flight is None:
            return
        self._outcomes.answered(self._in_flight, status, time.perf_counter() - self._began_s)
        self._post_next()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._in_flight is not None:
            self._outcomes.lost(self._in_flight)
        self._ended.set()

    def _post_next(self) -> None:
        assert self._transport is not None
        self._in_flight = next(self._deliveries, None)
        if self._in_flight is None:
            self._transport.close()
            return
        body = self._in_flight.body
        self._began_s = time.perf_counter()
        self._transport.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))


def _take_status(received: bytearray) -> int | None:
    """Take a whole answer off the front and return its status; None where it is not whole yet."""
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    end = head_end + 4 + _content_length(received[:head_end].lower())
    if len(received) < end:
        return None
    status = int(received[9:12])
    del received[:end]
    return status


def _content_length(head: bytearray) -> int:
    """Return the length of the body that ``head``, in lower case, announces."""
    if b"transfer-encoding:" in head:
        raise ValueError("the generator reads no answer in chunks")
    _, _, value = head.partition(b"content-length:")
    return int(value.partition(b"\r\n")[0] or 0)
