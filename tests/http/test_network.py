"""Connections: one for each request that is under way, used again, and never too many."""

import sys
import threading
from collections.abc import Callable

import anyio
import httpx
import pytest

from okhook.http.client import HttpClient
from okhook.http.errors import TimedOut
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.held_clock import held_clock
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio


async def send_at_once(client: HttpClient, url: str, count: int) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(count):
            tasks.start_soon(client.send, "POST", url)


def together(count: int) -> Callable[[Asked], bytes]:
    """Answer only when so many requests are there."""
    barrier = threading.Barrier(count)

    def answering(_: Asked) -> bytes:
        barrier.wait(timeout=PATIENCE_S)
        return answer(200, b"x" * 5000)

    return answering


async def test_a_connection_is_used_again() -> None:
    """One request after the other needs one connection, whatever was answered.

    An answer that is cut costs its connection.
    """
    with answering_server(lambda _: answer(500, b"no")) as server:
        async with HttpClient() as client:
            for first in (None, 2, None, 2, None):
                await client.send("POST", server.url, body=b"x", only_first_bytes=first)
            assert server.opened == 1
            for first in (1, None):
                await client.send("POST", server.url, body=b"x", only_first_bytes=first)
            assert server.opened == 2


async def test_requests_at_once_have_a_connection_each() -> None:
    """None waits for another's answer; and the next ones need no new connections."""
    with answering_server(together(4)) as server:
        async with HttpClient() as client:
            for _ in range(2):
                await send_at_once(client, server.url, 4)
    assert server.peak == 4
    assert len(server.asked) == 8


async def test_there_are_never_more_connections_than_allowed() -> None:
    """The others wait for their turn, and a failed request gives its turn on."""

    def never(_: Asked) -> bytes:
        clock.advance(0.2)
        return SILENCE

    with answering_server(never) as server, held_clock() as clock:
        async with HttpClient(max_connections=2) as client:
            for _ in range(2):
                with pytest.raises(TimedOut):
                    await client.send("GET", server.url, timeout_s=0.2)
            server.answering = lambda _: answer(200)
            await send_at_once(client, server.url, 10)
    assert len(server.asked) == 12


async def test_a_body_that_is_not_read_to_its_end_gives_its_turn_on() -> None:
    """As an answer that is cut at its limit."""
    with answering_server(lambda _: answer(200, b"x" * 100_000)) as server:
        async with HttpClient(max_connections=1) as client:
            for _ in range(3):
                cut = await client.send("GET", server.url, only_first_bytes=10)
                assert cut.body == b"x" * 10


async def test_a_client_of_httpx_sends_the_same() -> None:
    """Without credentials okhook builds requests itself: header for header as httpx does."""
    headers = [("User-Agent", "mine"), ("X-Two", "1"), ("X-Two", "2"), ("accept", "a/b")]
    with answering_server(lambda _: answer(200)) as server:
        async with HttpClient(user_agent="okhook/test") as client:
            await client.send("POST", server.url, headers=headers, body=b"x")
            await client.send("GET", server.url)
        async with httpx.AsyncClient(
            trust_env=False, headers={"User-Agent": "okhook/test"}
        ) as plain:
            await plain.post(server.url, headers=headers, content=b"x")
            await plain.get(server.url)
    ours, theirs = server.asked[:2], server.asked[2:]
    assert ours == theirs


def test_httpcore_does_not_search_for_sniffio() -> None:
    """Python searches for a missing package at each import, four times per request."""
    from okhook.http import network

    assert network is not None
    assert "sniffio" in sys.modules
