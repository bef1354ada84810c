"""A connection to something that says it is a NATS server: also a hostile one."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from okhook.forward.nats_connection import NatsConnection
from okhook.http.errors import HttpError
from okhook.http.network import trusted
from okhook.secret import Secret, StreamLogin
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio

INFO = b"INFO " + json.dumps({"version": "2.9.10", "max_payload": 1000, "headers": True}).encode()
PONG = b"PONG\r\n"


certificates = cache(trusted)


@dataclass
class Impostor:
    """Says ``lines`` one after the other, each when something came, and notes what came."""

    lines: tuple[bytes, ...]
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)

    async def serve(self, connected: SocketStream) -> None:
        async with connected:
            try:
                for number, line in enumerate(self.lines):
                    if number:
                        self.heard += await connected.receive()
                    await connected.send(line)
                while self.lines:
                    self.heard += await connected.receive()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                pass


@asynccontextmanager
async def impostor(*lines: bytes) -> AsyncIterator[Impostor]:
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - this is not Django
        found = Impostor(lines, port)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, found.serve)
            yield found
            tasks.cancel_scope.cancel()


async def fault_at(
    server: Impostor,
    login: StreamLogin | None = None,
    *,
    tls: bool = False,
    timeout_s: float = PATIENCE_S,
) -> HttpError | None:
    """Connect and publish; return the fault, None if there was none."""
    connection = NatsConnection(f"127.0.0.1:{server.port}")
    try:
        await connection.open(login, certificates(), tls=tls, timeout_s=timeout_s)
        await connection.publish("okta.events", b"{}", {"Nats-Msg-Id": "a"})
    except HttpError as fault:
        return fault
    finally:
        await connection.close()
    return None


@pytest.mark.parametrize("login", ["user:s3cret", "s3cret", None])
async def test_a_server_that_drops_tls_gets_no_password(login: str | None) -> None:
    """Where the URL asks for TLS, nothing but the greeting is exchanged."""
    async with impostor(INFO + b"\r\n", PONG) as server:
        user = None if login is None else StreamLogin(Secret(login))
        fault = await fault_at(server, user, tls=True)
    assert fault is not None
    assert (fault.fault, fault.reason) == (
        "TLS failed",
        "the server does not offer TLS; use nats://",
    )
    assert b"s3cret" not in server.heard


@pytest.mark.parametrize(
    "greeting",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"INFO\r\n",
        b"INFO {\r\n",
        b"INFO null\r\n",
        b"INFO []\r\n",
        b'INFO {"connect_urls": 1}\r\n',
        b'INFO {"connect_urls": ["[", 7]}\r\n',
        b'INFO {"nonce": 7, "max_payload": "x", "headers": []}\r\n',
        b"INFO \xff\r\n",
        b"INFO " + b"[" * 100_000 + b"\r\n",
        b"x" * 100_000,
    ],
)
async def test_a_greeting_that_is_not_natss_is_a_fault(greeting: bytes) -> None:
    """Whatever it is, the forwarder goes on."""
    async with impostor(greeting, b"-ERR 'x'\r\n") as server:
        fault = await fault_at(server, StreamLogin(Secret("a:b")), timeout_s=0.3)
    assert fault is not None


@pytest.mark.parametrize(
    "answer",
    [
        b"-ERR\r\n",
        b"-ERR 'Authorization Violation'\r\n",
        b"-ERR '\xff\x1b[31m'\r\n",
        b"MSG a b c d\r\n",
        b"HMSG x 1 9999999999999999999999 2\r\n",
        b"x" * 100_000 + b"\r\n",
    ],
)
@pytest.mark.parametrize("after", [1, 2])
async def test_what_is_not_natss_protocol_is_a_fault(
    answer: bytes, after: int, caplog: pytest.LogCaptureFixture
) -> None:
    """While it logs in, and later; nothing of it is logged to the terminal."""
    said = [INFO + b"\r\n", *[PONG] * (after - 1), answer]
    async with impostor(*said) as server:
        with anyio.move_on_after(0.3):
            assert await fault_at(server, timeout_s=0.3) is not None
    assert not caplog.records
