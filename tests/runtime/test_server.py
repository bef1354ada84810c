"""The embedded server: when it accepts connections, and how it ends."""

import asyncio
import errno
from typing import Any

import anyio
import httpx
import pytest

from okhook.runtime.server import serving
from okhook.runtime.sockets import listen, url_of
from tests.support.cancelling import cancelled_after

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
    listener = listen("127.0.0.1", 0)
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

    with anyio.fail_after(10):
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

    with anyio.fail_after(10):
        for turns in range(12):
            await cancelled_after(turns, serve)
