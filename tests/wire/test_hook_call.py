"""Calling a hook's URL the way Okta does, over real sockets."""

import itertools
import subprocess
import sys

import pytest

import okhook.wire.hook_call
from okhook.http.client import HttpClient
from okhook.http.errors import AnswerLost, ConnectionFailed, TimedOut
from okhook.secret import HookAuth, Secret
from okhook.wire.hook_call import HookCall, deliver, delivery_headers, verification_headers, verify
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.held_clock import held_clock
from tests.support.ports import free_port

AUTH = HookAuth("X-Hook-Secret", Secret("s3cret"))


async def _deliver(url: str, body: bytes = b"{}") -> HookCall:
    async with HttpClient(user_agent="okhook/test") as client:
        return await deliver(client, url, delivery_headers("r1", AUTH), body)


async def _verify(url: str) -> HookCall:
    async with HttpClient(user_agent="okhook/test") as client:
        return await verify(client, url, verification_headers("c1", "r1", AUTH))


def test_the_headers_of_a_delivery() -> None:
    """Those seen in a real one, then the hook's custom headers, then its secret."""
    assert delivery_headers("r1", AUTH, [("X-Custom", "1")]) == [
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("User-Agent", "Okta Hook Service v1.0.0 - okhook"),
        ("X-Okta-Request-Id", "r1"),
        ("X-Custom", "1"),
        ("X-Hook-Secret", "s3cret"),
    ]
    assert ("X-Hook-Secret", "s3cret") not in delivery_headers("r1")


def test_the_headers_of_a_verification() -> None:
    """The challenge goes with the secret, and with the user agent that Okta's support names."""
    assert verification_headers("c1", "r1", AUTH, [("X-Custom", "1")]) == [
        ("Accept", "application/json"),
        ("User-Agent", "Okta-Integrations"),
        ("X-Okta-Request-Id", "r1"),
        ("x-okta-verification-challenge", "c1"),
        ("X-Custom", "1"),
        ("X-Hook-Secret", "s3cret"),
    ]


@pytest.mark.anyio
async def test_a_delivery_arrives_as_sent() -> None:
    """One POST with Okta's headers and the very bytes; 204 is a delivery."""
    with answering_server(lambda _: answer(204)) as server:
        call = await _deliver(server.url, b'{ "a": "\xc3\xa9" }')
    (asked,) = server.asked
    assert (asked.method, asked.body) == ("POST", b'{ "a": "\xc3\xa9" }')
    assert asked.header("User-Agent") == "Okta Hook Service v1.0.0 - okhook"
    assert asked.header("Accept") == "application/json"
    assert asked.header("X-Hook-Secret") == "s3cret"
    assert call.last.delivered
    assert len(call.attempts) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 400, 401, 404, 408, 410, 413, 429])
async def test_only_a_5xx_is_tried_again(status: int) -> None:
    """2xx, redirects and every 4xx decide a delivery at once; redirects are not followed."""
    with answering_server(lambda _: answer(status, b"", "Location: /other")) as server:
        call = await _deliver(server.url)
    assert len(server.asked) == len(call.attempts) == 1
    assert call.last.answer is not None
    assert call.last.answer.status == status
    assert call.last.delivered == (200 <= status < 300)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [500, 502, 503, 599])
async def test_a_5xx_is_tried_once_more(status: int) -> None:
    """Two attempts in all, and the same request both times."""
    with answering_server(lambda _: answer(status)) as server:
        call = await _deliver(server.url)
    assert len(server.asked) == len(call.attempts) == 2
    assert server.asked[0] == server.asked[1]
    assert not call.last.delivered


@pytest.mark.anyio
async def test_the_second_attempt_decides() -> None:
    """If the receiver recovers before the second attempt, the delivery arrives."""
    statuses = iter([503, 204])
    with answering_server(lambda _: answer(next(statuses))) as server:
        call = await _deliver(server.url)
    assert [a.answer.status for a in call.attempts if a.answer] == [503, 204]
    assert call.last.delivered


@pytest.mark.anyio
async def test_a_timeout_is_tried_once_more() -> None:
    """Silence on the first attempt, an answer on the second: delivered."""
    numbers = itertools.count()

    def answering(_: Asked) -> bytes:
        if next(numbers):
            return answer(204)
        clock.advance(okhook.wire.hook_call.TIMEOUT_S)
        return SILENCE

    with answering_server(answering) as server, held_clock() as clock:
        call = await _deliver(server.url)
    assert isinstance(call.attempts[0].error, TimedOut)
    assert call.last.delivered
    assert len(server.asked) == 2


def test_okta_gives_three_seconds() -> None:
    """The time that Okta documents; this process gives its tests more."""
    code = "from okhook.wire.hook_call import TIMEOUT_S; print(TIMEOUT_S)"
    shown = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    assert float(shown.stdout) == 3.0


@pytest.mark.anyio
async def test_no_connection_and_a_lost_answer_are_not_tried_again() -> None:
    """Okta documents a retry for timeouts and 5xx alone."""
    refused = await _deliver(f"http://127.0.0.1:{free_port()}/hook")
    assert len(refused.attempts) == 1
    assert isinstance(refused.last.error, ConnectionFailed)
    assert not refused.last.delivered
    with answering_server(lambda _: b"") as server:
        lost = await _deliver(server.url)
    assert len(server.asked) == len(lost.attempts) == 1
    assert isinstance(lost.last.error, AnswerLost)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [302, 401, 404, 500])
async def test_a_verification_is_tried_once_more_after_any_error(status: int) -> None:
    """A verification, unlike a delivery, is repeated after a 4xx and a redirect as well."""
    statuses = iter([status, 200])
    with answering_server(lambda _: answer(next(statuses))) as server:
        call = await _verify(server.url)
    assert [asked.method for asked in server.asked] == ["GET", "GET"]
    assert server.asked[0].header("X-Okta-Verification-Challenge") == "c1"
    assert call.last.delivered


@pytest.mark.anyio
async def test_a_verification_that_succeeds_is_one_get() -> None:
    """One request, without a body."""
    with answering_server(lambda _: answer(200, b'{"verification":"c1"}')) as server:
        call = await _verify(server.url)
    assert len(server.asked) == len(call.attempts) == 1
    assert server.asked[0].body == b""
