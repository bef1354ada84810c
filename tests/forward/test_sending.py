"""One attempt over a real socket, and what is written down of it."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from okhook.forward.sending import Destination, Sent, attempted, post_delivery
from okhook.http.client import HttpClient
from okhook.records.attempt import ANSWER_LIMIT_BYTES, Attempt, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.secret import HIDDEN, HookAuth, Secret
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port
from tests.support.records import NOON, post

pytestmark = pytest.mark.anyio

BODY = b'{"eventId":\xff"a"}\r\n'
AUTH = HookAuth("Authorization", Secret("s3cret"))


def record(*headers: tuple[bytes, bytes], body: bytes = BODY) -> Record:
    return Record(
        42, RecordKind.DELIVERY, post(body, *headers), 204, None, AuthOutcome.MATCHED, None
    )


async def send(
    url: str,
    delivery: Record | None = None,
    *,
    auth: HookAuth | None = None,
    timeout_s: float = PATIENCE_S,
) -> Sent:
    async with HttpClient(user_agent="okhook/test") as client:
        to = Destination(url, auth, timeout_s=timeout_s)
        ask = partial(post_delivery, to=to, client=client, now=lambda: NOON)
        return await attempted(
            delivery or record(), 3, ask, to=to, purpose=Purpose.FORWARD, now=lambda: NOON
        )


async def test_a_delivery_arrives_as_okta_sent_it() -> None:
    """With its bytes, Okta's headers in order, the secret, and the number of the attempt."""
    stored = record(
        (b"host", b"hooks.example.com"),
        (b"accept", b"application/json"),
        (b"authorization", HIDDEN),
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"999"),
        (b"user-agent", b"Okta Hook Service"),
        (b"x-odd", b"\xff"),
    )
    with answering_server(lambda _: answer(204)) as server:
        sent = await send(server.url, stored, auth=AUTH)
    (asked,) = server.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/hook", BODY)
    names = [name.lower() for name, _ in asked.headers]
    kept = ["accept", "content-type", "user-agent", "x-odd"]
    assert [name for name in names if name in kept] == kept
    assert asked.header("content-type") == "application/json; charset=utf-8"
    assert asked.header("user-agent") == "Okta Hook Service"
    assert asked.header("x-odd") == "\xff"
    assert asked.header("host") == f"127.0.0.1:{server.port}"
    assert [v for k, v in asked.headers if k.lower() == "content-length"] == [str(len(BODY))]
    assert [v for k, v in asked.headers if k.lower() == "authorization"] == ["s3cret"]
    assert asked.header("x-okhook-delivery") == "42"
    assert asked.header("x-okhook-attempt") == "3"
    attempt = sent.attempt
    assert attempt == Attempt(
        42, server.url, Purpose.FORWARD, 3, NOON, attempt.duration_s, 204, answer=b""
    )
    assert 0 < attempt.duration_s < 10


async def test_the_beginning_of_an_answer_and_its_type_are_kept() -> None:
    """64 KiB of a longer answer."""
    said = answer(200, b"a" * 1_000_000, "Content-Type: text/html; charset=utf-8")
    with answering_server(lambda _: said) as server:
        attempt = (await send(server.url)).attempt
    assert attempt.answer == b"a" * ANSWER_LIMIT_BYTES
    assert attempt.answer_type == "text/html; charset=utf-8"
    assert attempt.accepted


async def test_an_answer_that_repeats_the_secret_is_kept_without_it() -> None:
    """An app that echoes its request, or its traceback, does not put the secret in the store."""
    said = answer(500, b"KeyError\nauthorization: s3cret\nsent: s3cret")
    with answering_server(lambda _: said) as server:
        attempt = (await send(server.url, auth=AUTH)).attempt
    assert attempt.answer == b"KeyError\nauthorization: [hidden]\nsent: [hidden]"


async def test_a_secret_is_hidden_before_an_answer_is_cut() -> None:
    """Neither its beginning at the end of what is kept, nor what the content type repeats."""
    body = b"a" * (ANSWER_LIMIT_BYTES - 3) + b"s3cret" + b"b" * 9000
    said = answer(500, body, "Content-Type: text/plain; sent=s3cret")
    with answering_server(lambda _: said) as server:
        attempt = (await send(server.url, auth=AUTH)).attempt
    assert attempt.answer == b"a" * (ANSWER_LIMIT_BYTES - 3) + b"[hi"
    assert attempt.answer_type == "text/plain; sent=[hidden]"


async def test_the_content_type_of_an_answer_is_cut() -> None:
    """An app cannot fill the store with a header."""
    with answering_server(lambda _: answer(200, b"", f"Content-Type: {'x' * 9000}")) as server:
        attempt = (await send(server.url)).attempt
    assert attempt.answer_type == "x" * 200


async def test_retry_after_is_returned() -> None:
    """A date is relative to the answer's own clock."""

    def later(_: Asked) -> bytes:
        dated = datetime(2001, 1, 1, 0, 0, 9, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return answer(503, b"", "Date: Mon, 01 Jan 2001 00:00:00 GMT", f"Retry-After: {dated}")

    with answering_server(later) as server:
        sent = await send(server.url)
    assert (sent.attempt.status, sent.asked_s) == (503, 9.0)


async def test_a_redirect_is_not_followed() -> None:
    """The delivery is sent to no other URL."""
    with answering_server(lambda _: answer(307, b"", "Location: /elsewhere")) as server:
        sent = await send(server.url)
    assert sent.attempt.status == 307
    assert len(server.asked) == 1


async def test_each_fault_has_a_word_and_a_sentence() -> None:
    """A refused, silent or cut connection has no status."""
    refused = (await send(f"http://127.0.0.1:{free_port()}/x")).attempt
    assert (refused.status, refused.fault, refused.reason) == (
        None,
        "no connection",
        "Connection refused",
    )
    with answering_server(lambda _: SILENCE) as server:
        hung = (await send(server.url, timeout_s=0.2)).attempt
    assert (hung.status, hung.fault, hung.reason) == (None, "timeout", "no answer within 0.2 s")
    assert hung.duration_s >= 0.2
    with answering_server(lambda _: b"") as server:
        lost = (await send(server.url)).attempt
    assert (lost.status, lost.fault) == (None, "connection lost")


async def test_an_invalid_secret_is_not_stored() -> None:
    """The attempt fails, and its reason does not contain the secret."""
    auth = HookAuth("Authorization", Secret("s3cret\nX-More: 1"))
    with answering_server(lambda _: answer(204)) as server:
        attempt = (await send(server.url, auth=auth)).attempt
    assert (attempt.status, attempt.fault) == (None, "cannot be sent")
    assert "s3cret" not in repr(attempt)
    assert server.asked == []


async def test_an_empty_body_is_sent_as_an_empty_body() -> None:
    """With its length."""
    with answering_server(lambda _: answer(204)) as server:
        await send(server.url, record(body=b""))
    assert server.asked[0].header("content-length") == "0"


async def test_the_query_of_the_hook_reaches_the_app_field_02() -> None:
    """It follows the target's own query; the attempt names the target as it was configured."""
    delivery = record()
    called = replace(delivery.request, path="/okta?tenant=acme&env=dev")
    with answering_server(lambda _: answer(204)) as server:
        sent = await send(f"{server.url}?own=1", replace(delivery, request=called))
        await send(server.url, replace(delivery, request=called))
    targets = [asked.target for asked in server.asked]
    assert targets == ["/hook?own=1&tenant=acme&env=dev", "/hook?tenant=acme&env=dev"]
    assert sent.attempt.target == f"{server.url}?own=1"
