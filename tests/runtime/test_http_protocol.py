"""The server's limits: what a client may send, how slowly, and that it always sees its answer."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import pytest
from anyio import to_thread

from okhook.activity import Activity, Warned
from okhook.runtime import http_protocol
from okhook.runtime.http_protocol import (
    HEAD_LIMIT_BYTES,
    HEADER_LIMIT,
    LINGER_BYTES,
)
from okhook.runtime.request_body import WHOLE_BODY
from okhook.runtime.server import serving
from okhook.runtime.sockets import listen, port_of
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"], autouse=True)
def anyio_backend(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, dict[str, Any]]:
    """Use both event loops: the sandbox runs in one, the receiver in the other."""
    monkeypatch.setattr("okhook.runtime.server._TICKS_A_SECOND", 1)
    return "asyncio", {"use_uvloop": request.param}


async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Answer with the length of the body; /refuse and /early before it is read."""
    is_whole = WHOLE_BODY in scope["state"]
    more = scope["path"] not in ("/refuse", "/early")
    length = 0
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message["more_body"]
        length += len(message["body"])
    closing = [(b"connection", b"close")] if scope["path"] == "/refuse" else []
    names = [name for name, _ in scope["headers"]]
    headers = [
        *closing,
        (b"x-names", b" ".join(names)[:1000]),
        (b"x-body", b"%d" % length),
        (b"x-whole", b"yes" if is_whole else b"no"),
        (b"content-length", b"0"),
    ]
    status = 413 if closing else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body"})


@asynccontextmanager
async def served(told: list[Activity] | None = None) -> AsyncIterator[int]:
    listener = listen("127.0.0.1", 0)
    port = port_of(listener)
    async with serving(app, listener, ([] if told is None else told).append):
        with anyio.fail_after(PATIENCE_S):
            yield port


async def exchange(port: int, *parts: bytes, close_writing: bool = False) -> bytes:
    """Send the parts, whatever the server answers meanwhile; return all that it answered."""

    def run() -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
            for part in parts:
                client.sendall(part)
            if close_writing:
                client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    return await to_thread.run_sync(run, abandon_on_cancel=True)


def head(*headers: str, path: str = "/", method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def statuses(answer: bytes) -> list[bytes]:
    """Return the status of each answer."""
    return [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]


MANY = [f"X-{number}: y" for number in range(HEADER_LIMIT - 1)]
CHUNKED = head("Transfer-Encoding: chunked", method="POST")

OVERSIZED = {
    "too many headers": (head(*MANY, "X: y"),),
    "too many headers in a head without an end": (head(*MANY, "X: y", "Y: y")[:-2],),
    "a long line": (head(f"X: {'y' * HEAD_LIMIT_BYTES}"),),
    "a long line without an end": (b"GET / HTTP/1.1\r\nX: ", b"y" * HEAD_LIMIT_BYTES),
    "a long path": (head(path="/" + "x" * HEAD_LIMIT_BYTES),),
    "many middling lines": (head(*(f"X: {'y' * 8000}" for _ in range(9))),),
    "empty lines": (b"\r\n" * HEAD_LIMIT_BYTES,),
    "a megabyte": (b"GET / HTTP/1.1\r\nX: ", *[b"y" * 65536] * 16),
    "a long head after a good one": (head() + head(f"X: {'y' * HEAD_LIMIT_BYTES}"),),
    "a long trailer": (CHUNKED + b"1\r\nx\r\n0\r\n", b"X: ", *[b"y" * 65536] * 3),
    "a long chunk extension": (CHUNKED, b"1;", *[b"y" * 65536] * 3),
    "too many trailers": (CHUNKED + b"1\r\nx\r\n0\r\n", "\r\n".join([*MANY, *MANY]).encode()),
}


async def test_a_body_that_came_with_its_head_is_marked() -> None:
    """Only such a body can be read without a time limit."""
    posted = head("Content-Length: 4", "Connection: close", method="POST")
    waits = head("Content-Length: 4", "Connection: close", "Expect: 100-continue", method="POST")

    def in_two_steps(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
            client.sendall(waits)
            assert client.recv(65536).startswith(b"HTTP/1.1 100 ")
            client.sendall(b"body")
            return b"".join(iter(lambda: client.recv(65536), b""))

    async with served() as port:
        assert b"x-whole: yes" in await exchange(port, posted + b"body")
        assert b"x-whole: no" in await to_thread.run_sync(in_two_steps, port)


@pytest.mark.parametrize("kind", OVERSIZED)
async def test_a_head_over_a_limit_is_refused_field_09(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """431, whole or without an end; requests before it are answered."""
    monkeypatch.setattr(http_protocol, "LINGER_S", PATIENCE_S)  # a client may be slow to send it
    parts = OVERSIZED[kind]
    async with served() as port:
        answer = await exchange(port, *parts)
    expected = [b"200", b"431"] if kind == "a long head after a good one" else [b"431"]
    assert statuses(answer) == expected, answer
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"the head of the request is over 65536 bytes or 100 headers\n")


async def test_a_head_at_the_limits_is_served_field_09() -> None:
    """100 headers, or 64 KiB, in one piece or in many."""
    long = head(f"X: {'y' * (HEAD_LIMIT_BYTES - 100)}")
    by_bytes = [long[start : start + 1000] for start in range(0, len(long), 1000)]
    async with served() as port:
        for parts in ([head(*MANY)], [long], by_bytes, [long * 3], [head(*MANY) * 5]):
            answer = await exchange(port, *parts, close_writing=True)
            assert set(statuses(answer)) == {b"200"}, answer


async def test_a_large_body_counts_to_no_head_field_09() -> None:
    """The limits of the head hold before and after a body, not for it."""
    body = b"x" * (3 * MIB)
    in_chunks = b"".join(b"%x\r\n%s\r\n" % (5000, b"x" * 5000) for _ in range(300))
    async with served() as port:
        plain = await exchange(
            port,
            head(f"Content-Length: {len(body)}", method="POST") + body + head(),
            close_writing=True,
        )
        chunked = await exchange(
            port, CHUNKED + in_chunks + b"0\r\nX-Secret: y\r\n\r\n", close_writing=True
        )
    assert statuses(plain) == [b"200", b"200"]
    assert statuses(chunked) == [b"200"]
    assert b"x-names: host transfer-encoding\r\n" in chunked  # a trailer is no header


@pytest.mark.parametrize("drips", [False, True])
async def test_a_slow_head_is_refused_field_09(
    drips: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """408 some time after its first byte, although more bytes come."""
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.2)
    monkeypatch.setattr(http_protocol, "LINGER_S", PATIENCE_S)  # a client may be slow to read it
    async with (
        served() as port,
        await anyio.connect_tcp("127.0.0.1", port) as stream,
        anyio.create_task_group() as tasks,
    ):
        await stream.send(head() + b"GET / HTTP/1.1\r\nX: ")

        async def drip() -> None:
            while True:
                await stream.send(b"y")
                await anyio.sleep(0.05)

        if drips:
            tasks.start_soon(drip)
        answer = b""
        while b"408" not in answer:
            answer += await stream.receive()
        tasks.cancel_scope.cancel()
    assert statuses(answer) == [b"200", b"408"]
    assert b"the head of the request did not arrive within" in answer


@pytest.mark.parametrize("first", [b"", head()])
async def test_a_silent_connection_is_closed_field_09(
    first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that has not sent a byte yet; there is nothing to answer."""
    async with served() as port:
        if not first:
            monkeypatch.setattr(http_protocol, "IDLE_TIMEOUT_S", 0.2)
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            if first:
                await stream.send(first)
                assert statuses(await stream.receive()) == [b"200"]
                monkeypatch.setattr(http_protocol, "IDLE_TIMEOUT_S", 0.2)
                await stream.send(first)
            answer = b"".join([part async for part in stream])
    assert statuses(answer) == ([b"200"] if first else [])


async def test_a_request_in_work_is_not_silent_field_09(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client waits for its answer as long as that takes."""
    async with served() as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(head())
        assert statuses(await stream.receive()) == [b"200"]
        monkeypatch.setattr(http_protocol, "IDLE_TIMEOUT_S", 0.0)
        monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.0)
        await stream.send(head("Content-Length: 1", method="POST"))
        await anyio.sleep(0.5)  # the server looks at its connections every 0.1 s
        await stream.send(b"x")
        assert statuses(await stream.receive()) == [b"200"]


@pytest.mark.parametrize("drips", [False, True])
async def test_the_rest_of_a_body_is_not_awaited_for_ever_field_09(
    drips: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that has its answer cannot keep its connection with single bytes of the body."""
    monkeypatch.setattr(http_protocol, "REST_TIMEOUT_S", 0.2)
    async with (
        served() as port,
        await anyio.connect_tcp("127.0.0.1", port) as stream,
        anyio.create_task_group() as tasks,
    ):
        await stream.send(head("Content-Length: 1000000", method="POST", path="/early"))
        assert statuses(await stream.receive()) == [b"200"]

        async def drip() -> None:
            with suppress(anyio.BrokenResourceError):
                while True:
                    await stream.send(b"y")
                    await anyio.sleep(0.05)

        if drips:
            tasks.start_soon(drip)
        with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
            await stream.receive()
        tasks.cancel_scope.cancel()


async def test_a_body_after_an_early_answer_is_no_request_field_09() -> None:
    """The connection serves the next request when the rest of the body has come."""
    async with served() as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(head("Content-Length: 9", method="POST", path="/early"))
        assert statuses(await stream.receive()) == [b"200"]
        await stream.send(b"GET / BAD" + head())
        assert statuses(await stream.receive()) == [b"200"]


H2C = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA")
"""What Java's HTTP client sends with each request to ``http://``."""


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    ("length", "body"),
    [
        ("Content-Length: 5", b"hello"),
        ("Transfer-Encoding: chunked", b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
    ],
)
async def test_the_offer_of_another_protocol_costs_no_body_field_09(
    length: str, body: bytes, at_once: bool
) -> None:
    """The request is answered with HTTP/1.1, and so is the next one on the connection."""
    request = head(*H2C, length, method="POST")
    parts = [request + body] if at_once else [request, body[:3], body[3:]]
    async with served() as port:
        answer = await exchange(port, *parts * 2, head("Connection: close"))
    assert statuses(answer) == [b"200"] * 3
    assert answer.count(b"x-body: 5\r\n") == 2


async def test_an_endless_header_line_costs_little_field_09() -> None:
    """100 MiB in one line: the sender is cut off, and others are served meanwhile."""
    sent = 0

    def pour(port: int) -> None:
        nonlocal sent
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
            client.sendall(b"GET / HTTP/1.1\r\nX: ")
            for _ in range(100):
                client.sendall(b"y" * MIB)
                sent += MIB

    async with served() as port:
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            await to_thread.run_sync(pour, port)
        assert statuses(await exchange(port, head(), close_writing=True)) == [b"200"]
    assert sent < LINGER_BYTES + 32 * MIB  # and what the kernel holds


@pytest.mark.parametrize("requests", [1, 3])
async def test_a_client_that_only_reads_gets_its_answers_field_09(requests: int) -> None:
    """It closed its writing side after its requests, as ``nc -N`` does."""
    with_body = head("Content-Length: 2", method="POST") + b"{}"
    async with served() as port:
        for request in (head(), with_body):
            answer = await exchange(port, request * requests, close_writing=True)
            assert statuses(answer) == [b"200"] * requests
        for half in (head()[:-2], with_body[:-1], b""):
            assert await exchange(port, half, close_writing=True) == b""


async def test_a_refused_body_is_read_so_that_its_sender_sees_why_field_09(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As urllib, it sends everything before it reads; but the server soon stops to wait for it."""
    body = b"x" * (LINGER_BYTES - MIB)
    length = f"Content-Length: {len(body)}"
    async with served() as port:
        monkeypatch.setattr(http_protocol, "LINGER_S", PATIENCE_S)
        sent = await exchange(port, head(length, path="/refuse", method="POST"), body)
        monkeypatch.setattr(http_protocol, "LINGER_S", 0.2)
        unsent = await exchange(port, head(length, path="/refuse", method="POST"))
    assert statuses(sent) == statuses(unsent) == [b"413"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"BOGUS\r\n\r\n", [b"400"]),
        (head() + b"BOGUS\r\n\r\n", [b"200", b"400"]),
        (CHUNKED + b"zz\r\n", [b"400"]),
        (head("Upgrade: h2c", "Connection: Upgrade"), [b"200"]),
    ],
)
async def test_what_is_not_http_is_refused_field_09(sent: bytes, expected: list[bytes]) -> None:
    """400 after the answers to the requests before it; an upgrade is not taken up."""
    async with served() as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(sent)
        answer = b""
        while len(statuses(answer)) < len(expected):
            answer += await stream.receive()
    assert statuses(answer) == expected


async def test_no_file_descriptors_left_is_said_once_field_09(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once each time it happens; the event loop's tracebacks of it are left out."""
    left = [True, False, False, True, False]
    looked = anyio.Event()

    def look() -> bool:
        if len(left) == 1:
            looked.set()
        return left.pop(0) if left else False

    monkeypatch.setattr("okhook.runtime.server.has_descriptors", look)
    told: list[Activity] = []
    async with served(told) as port:
        await looked.wait()
        assert statuses(await exchange(port, head(), close_writing=True)) == [b"200"]
    assert [isinstance(each, Warned) and "no file descriptors" in each.text for each in told] == [
        True,
        True,
    ]
