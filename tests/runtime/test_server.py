"""The embedded server: when it accepts connections, and how it ends."""

import asyncio
import errno
import socket
from typing import Any, ClassVar

import anyio
import anyio.lowlevel
import httpx
import pytest

from okhook.runtime.http_protocol import LimitedProtocol
from okhook.runtime.server import serving
from okhook.runtime.sockets import listen, url_of
from tests.support.cancelling import cancelled_after
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port

pytestmark = pytest.mark.anyio


class Slow:
    """An app whose answer can be held back."""

    def __init__(self) -> None:
        self.asked = anyio.Event()
        self.release = anyio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        self.asked.set()
        await self.release.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


async def test_a_request_in_flight_finishes_when_the_server_is_cancelled() -> None:
    """After Ctrl-C the request still gets its answer, then the server ends."""
    app = Slow()
    listener = listen("127.0.0.1", free_port())  # nobody else gets it afterwards
    url = url_of(listener, "/")
    answers: list[int] = []
    stopped = anyio.Event()

    async def call() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            answers.append((await client.get(url)).status_code)

    async def serve(scope: anyio.CancelScope) -> None:
        with scope:
            async with serving(app, listener, lambda _: None):
                await anyio.sleep_forever()
        stopped.set()

    with anyio.fail_after(PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            scope = anyio.CancelScope()
            tasks.start_soon(serve, scope)
            tasks.start_soon(call)
            await app.asked.wait()
            scope.cancel()
            app.release.set()
            await stopped.wait()
    assert answers == [204]
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(url)


async def test_a_full_server_prints_no_tracebacks_field_09() -> None:
    """asyncio makes a thousand a second when no file descriptors are left; others stay."""
    told: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context))
    async with serving(Slow(), listen("127.0.0.1", 0), lambda _: None):
        loop.call_exception_handler({"message": "a", "exception": OSError(errno.EMFILE, "")})
        loop.call_exception_handler({"message": "b", "exception": OSError(errno.EPIPE, "")})
    loop.call_exception_handler({"message": "c", "exception": OSError(errno.EMFILE, "")})
    loop.set_exception_handler(None)
    assert [context["message"] for context in told] == ["b", "c"]


async def test_a_start_can_be_cancelled_at_any_moment() -> None:
    """A Ctrl-C or a time limit that comes before the server accepts ends it, too."""

    async def serve(scope: anyio.CancelScope) -> None:
        with scope:
            async with serving(Slow(), listen("127.0.0.1", 0), lambda _: None):
                await anyio.sleep_forever()

    with anyio.fail_after(PATIENCE_S):
        for turns in range(12):
            await cancelled_after(turns, serve)


REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Patient(LimitedProtocol):
    """Waits long for the last request, and says when it begins to."""

    last_request_s = PATIENCE_S
    sender: ClassVar[socket.socket]

    def shutdown(self) -> None:
        super().shutdown()
        self.sender.send(REQUEST)


def grace_s() -> float:
    return PATIENCE_S


async def answer_204(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def answer_on(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes; a reset fails."""
    received = b""
    loop = asyncio.get_running_loop()
    with anyio.fail_after(PATIENCE_S):
        while part := await loop.sock_recv(connection, 4096):
            received += part
    return received


@pytest.mark.parametrize("use_uvloop", [True, False])
def test_connections_that_wait_for_a_server_that_stops_are_answered(use_uvloop: bool) -> None:
    """The system has accepted them: to close its socket would reset them."""

    async def stop_with_a_queue() -> list[bytes]:
        listener = listen("127.0.0.1", 0)
        address = listener.getsockname()
        connections = []
        async with serving(answer_204, listener, lambda _: None):
            for _ in range(20):  # the loop has no turn in between
                connections.append(socket.create_connection(address))
                connections[-1].sendall(REQUEST)
        for connection in connections:
            connection.setblocking(False)
        answers = [await answer_on(connection) for connection in connections]
        for connection in connections:
            connection.close()
        return answers

    answers = anyio.run(stop_with_a_queue, backend_options={"use_uvloop": use_uvloop})
    assert {answer[:13] for answer in answers} == {b"HTTP/1.1 204 "}


async def test_a_kept_connection_has_one_more_request_when_the_server_stops() -> None:
    """A client that sends it at this moment gets an answer, which tells it to connect again."""
    listener = listen("127.0.0.1", 0)
    connection = socket.create_connection(listener.getsockname())
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    Patient.sender = connection
    with connection:
        async with serving(answer_204, listener, lambda _: None, protocol=Patient, grace_s=grace_s):
            await loop.sock_sendall(connection, REQUEST)
            first = await loop.sock_recv(connection, 4096)
        last = await answer_on(connection)
    assert first.startswith(b"HTTP/1.1 204 ")
    assert b"connection: close" not in first
    assert last.startswith(b"HTTP/1.1 204 ")
    assert b"connection: close\r\n" in last


async def test_an_idle_connection_does_not_keep_a_server_that_stops() -> None:
    """It is closed after its moment, whether it was ever used or not."""
    listener = listen("127.0.0.1", 0)
    with (
        anyio.fail_after(PATIENCE_S / 2),
        socket.create_connection(listener.getsockname()) as connection,
    ):
        connection.setblocking(False)
        async with serving(answer_204, listener, lambda _: None, grace_s=grace_s):
            await anyio.lowlevel.checkpoint()
        assert await answer_on(connection) == b""
