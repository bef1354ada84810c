"""The receiver on a socket, as a caller sees it."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx
import pytest

from okhook.activity import Activity
from okhook.errors import PortInUse
from okhook.receiver.running import ReceiverConfig, running_receiver
from okhook.records.activities import RequestRefused
from okhook.records.record import Record
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun, RunDirectory
from okhook.secret import HookAuth, Secret
from okhook.store.contract import Store
from okhook.store.open import open_store
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import HOOK_PATH, delivery_body, event

pytestmark = pytest.mark.anyio


@dataclass
class Rig:
    """A receiver, its store, and its activities."""

    receiver: ReceiverRun
    store: Store
    client: httpx.AsyncClient
    told: list[Activity] = field(default_factory=list)

    async def kept(self, count: int) -> list[Record]:
        """Wait until the store has that many records, and return them."""
        while len(records := await self.store.after(0, 100)) < count:
            await anyio.lowlevel.checkpoint()
        return records

    async def post(self, body: bytes, **headers: str) -> httpx.Response:
        return await self.client.post(self.receiver.url, content=body, headers=headers)


@asynccontextmanager
async def rig(directory: Path, config: ReceiverConfig | None = None) -> AsyncIterator[Rig]:
    told: list[Activity] = []
    async with (
        open_store(directory / "store.db") as store,
        running_receiver(
            config or ReceiverConfig(port=0),
            append=store.append,
            publish=told.append,
            now=utc_now,
            run_directory=RunDirectory(directory / "run"),
        ) as receiver,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        yield Rig(receiver, store, client, told)


async def test_a_delivery_is_in_the_store_when_its_answer_comes(tmp_path: Path) -> None:
    """Commit before reply: after the 204, the record is in the store."""
    async with rig(tmp_path) as it:
        answer = await it.post(delivery_body())
        (record,) = await it.kept(1)
        assert (answer.status_code, answer.content) == (204, b"")
        assert record.request.body == delivery_body()
        assert it.told == []


async def test_every_answer_identifies_the_receiver(tmp_path: Path) -> None:
    """A probe can distinguish this receiver from other servers at the URL."""
    async with rig(tmp_path) as it:
        for answer in (await it.post(delivery_body()), await it.client.get(it.receiver.url)):
            assert "x-okhook-receiver" in answer.headers


async def test_the_verification_challenge_is_answered_as_okta_asks(tmp_path: Path) -> None:
    """The answer is 200 and JSON with the same value, escaped if necessary."""
    async with rig(tmp_path) as it:
        challenge = 'a"b\\c'
        answer = await it.client.get(
            it.receiver.url, headers={"X-Okta-Verification-Challenge": challenge}
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {"verification": challenge}


async def test_another_path_and_another_method_are_refused(tmp_path: Path) -> None:
    """Only the hook's path and Okta's methods are served."""
    async with rig(tmp_path) as it:
        base = it.receiver.url.removesuffix(HOOK_PATH)
        for path in ("/", "/other", HOOK_PATH + "/", HOOK_PATH + "/x", "/docs"):
            assert (await it.client.post(base + path, content=b"{}")).status_code == 404
        for method in ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
            answer = await it.client.request(method, it.receiver.url)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_a_query_is_kept_and_does_not_change_the_path(tmp_path: Path) -> None:
    """A hook may have a query; the record shows it as sent."""
    async with rig(tmp_path) as it:
        answer = await it.client.post(it.receiver.url + "?env=dev", content=delivery_body())
        assert answer.status_code == 204
        assert (await it.kept(1))[0].request.path == HOOK_PATH + "?env=dev"


async def test_unknown_event_types_and_fields_are_accepted(tmp_path: Path) -> None:
    """Okta adds event types and fields every month."""
    body = json.dumps(
        {"new": [1], "data": {"more": {}, "events": [{"eventType": "brand.new", "later": 1}]}}
    ).encode()
    async with rig(tmp_path) as it:
        assert (await it.post(body)).status_code == 204


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b"not json", "not JSON"),
        (b"[]", "must be an object"),
        (b"{}", "data is missing"),
        (b'{"data":{}}', "data.events is missing"),
        (b'{"data":{"events":[]}}', "at least one event"),
        (b'{"data":{"events":[1]}}', "data.events[0] must be an object, not a number"),
        (b'{"data":{"events":[{"eventType":7}]}}', "eventType must be a string"),
        (b'{"data":{"events":[{"eventType":"a","target":{}}]}}', "target must be an array"),
        (b'{"eventId":1,"data":{"events":[{"eventType":"a"}]}}', "eventId must be a string"),
        (b'{"a":NaN}', "NaN is not a JSON value"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
async def test_a_body_that_is_no_delivery_is_refused_with_the_reason(
    tmp_path: Path, body: bytes, reason: str
) -> None:
    """The answer is 400 with the reason, and the bytes are stored."""
    async with rig(tmp_path) as it:
        answer = await it.post(body)
        assert answer.status_code == 400
        assert reason in answer.json()["error"]
        assert (await it.kept(1))[0].request.body == body


async def test_deliveries_and_challenges_need_the_secret(tmp_path: Path) -> None:
    """Without the right secret both get 401; the secret is never on the disk."""
    auth = HookAuth("X-Hook-Key", Secret("correct-horse-battery"))
    async with rig(tmp_path, ReceiverConfig(port=0, auth=auth)) as it:
        challenge = {"X-Okta-Verification-Challenge": "c"}
        assert (await it.post(delivery_body())).status_code == 401
        assert (await it.post(delivery_body(), **{"X-Hook-Key": "wrong"})).status_code == 401
        assert (await it.client.get(it.receiver.url, headers=challenge)).status_code == 401
        right = {"X-Hook-Key": "correct-horse-battery"}
        assert (await it.post(delivery_body(), **right)).status_code == 204
        answer = await it.client.get(it.receiver.url, headers={**challenge, **right})
        assert answer.status_code == 200
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"correct-horse" not in file.read_bytes()


async def test_blanks_around_a_header_value_are_no_part_of_it_field_02(tmp_path: Path) -> None:
    """The secret and the challenge are read without them."""
    auth = HookAuth("Authorization", Secret("s3cret"))
    async with rig(tmp_path, ReceiverConfig(port=0, auth=auth)) as it:
        async with await anyio.connect_tcp("127.0.0.1", it.receiver.port) as stream:
            fields = "Authorization:s3cret \t\r\nX-Okta-Verification-Challenge:\t abc \r\n"
            await stream.send(f"GET {HOOK_PATH} HTTP/1.0\r\n{fields}\r\n".encode())
            with anyio.fail_after(PATIENCE_S):
                answer = b"".join([part async for part in stream])
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b'{"verification": "abc"}')
        (record,) = await it.kept(1)
        assert record.request.header("x-okta-verification-challenge") == b"abc"


@pytest.mark.parametrize("path", ["/caf%C3%A9/a%20b", "/café/a b", "/caf%c3%a9/%61%20b"])
async def test_a_path_is_served_in_each_spelling_field_02(tmp_path: Path, path: str) -> None:
    """Percent-encoding does not matter, except that an encoded slash is no slash."""
    async with rig(tmp_path, ReceiverConfig(port=0, path=path)) as it:
        base = f"http://127.0.0.1:{it.receiver.port}"
        for same in ("/caf%C3%A9/a%20b", "/caf%c3%a9/%61%20b"):
            answer = await it.client.post(base + same, content=delivery_body())
            assert answer.status_code == 204
        for other in ("/caf%C3%A9%2Fa%20b", "/caf%C3%A9/a+b", "/cafe/a%20b"):
            answer = await it.client.post(base + other, content=delivery_body())
            assert answer.status_code == 404


async def test_a_body_over_the_limit_is_refused_declared_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """413 comes before the whole body is read; a body at the limit is accepted."""
    monkeypatch.setattr("okhook.receiver.app._BODY_LIMIT_BYTES", 5000)
    fits = delivery_body("e", event("x" * 4000))
    fits += b" " * (5000 - len(fits))

    async def in_chunks() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b" " * 1000

    async with rig(tmp_path) as it:
        assert (await it.post(b" " * 5001)).status_code == 413
        answer = await it.client.post(it.receiver.url, content=in_chunks())
        assert answer.status_code == 413
        assert (await it.post(fits)).status_code == 204


async def test_a_declared_length_over_the_limit_is_refused_at_once_field_09(tmp_path: Path) -> None:
    """The sender need not send it: a client that asks before it sends is told not to."""
    async with (
        rig(tmp_path) as it,
        await anyio.connect_tcp("127.0.0.1", it.receiver.port) as stream,
    ):
        head = f"POST {HOOK_PATH} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        await stream.send(f"{head}Content-Length: 10485761\r\n\r\n".encode())
        with anyio.fail_after(PATIENCE_S):
            answer = await stream.receive()
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close\r\n" in answer
        assert (await it.kept(1))[0].status == 413


async def test_a_body_that_is_no_http_is_recorded_as_it_is_answered_field_09(
    tmp_path: Path,
) -> None:
    """The line and the record say what the sender was told."""
    async with (
        rig(tmp_path) as it,
        await anyio.connect_tcp("127.0.0.1", it.receiver.port) as stream,
    ):
        head = f"POST {HOOK_PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        await stream.send(head.encode())
        with anyio.fail_after(PATIENCE_S):
            assert (await stream.receive()).startswith(b"HTTP/1.1 400")
        record = (await it.kept(1))[0]
        assert (record.status, record.reason) == (400, "the request is not valid HTTP")


async def test_a_body_that_does_not_arrive_is_answered_408(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that stalls gets an answer, and its connection ends."""
    monkeypatch.setattr("okhook.receiver.app._BODY_TIMEOUT_S", 0.1)
    async with rig(tmp_path) as it:
        async with await anyio.connect_tcp("127.0.0.1", it.receiver.port) as stream:
            head = f"POST {HOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345"
            await stream.send(head.encode())
            with anyio.fail_after(PATIENCE_S):
                assert (await stream.receive()).startswith(b"HTTP/1.1 408")
        assert (await it.kept(1))[-1].status == 408


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, 431, "the head of the request is over"),
        (b"GET / HTTP/1.1\r\nX: x", 408, "did not arrive within"),
        (b"\x16\x03\x01\x02\x00", 400, "the client began TLS"),
        (b"\x00\x01", 400, "not valid HTTP"),
    ],
)
async def test_a_head_that_is_refused_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes, status: int, words: str
) -> None:
    """Whoever wonders why nothing arrives sees that something tried, and why it failed."""
    if status == 408:
        monkeypatch.setattr("okhook.runtime.http_protocol.HEAD_TIMEOUT_S", 0.1)
    monkeypatch.setattr("okhook.runtime.server._TICKS_A_SECOND", 1)
    async with (
        rig(tmp_path) as it,
        await anyio.connect_tcp("127.0.0.1", it.receiver.port) as stream,
    ):
        await stream.send(sent)
        with anyio.fail_after(PATIENCE_S):
            answer = await stream.receive()
        assert answer.startswith(f"HTTP/1.1 {status}".encode())
        (told,) = it.told
        assert isinstance(told, RequestRefused)
        assert (told.status, told.request.path, told.seq) == (status, "", None)
        assert words in told.reason
        assert told.reason in answer.decode()


async def test_a_partial_body_is_not_stored(tmp_path: Path) -> None:
    """A connection cut within a body is a refused request; the next one is served."""
    async with rig(tmp_path) as it:
        stream = await anyio.connect_tcp("127.0.0.1", it.receiver.port)
        head = f"POST {HOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345"
        await stream.send(head.encode())
        await stream.aclose()
        with anyio.fail_after(PATIENCE_S):
            await it.kept(1)
        assert (await it.post(delivery_body())).status_code == 204
        kinds = [(record.status, record.request.body) for record in await it.kept(2)]
        assert kinds == [(408, b""), (204, delivery_body())]


async def test_the_error_names_a_port_in_use(tmp_path: Path) -> None:
    """The error has the port, and the process that uses it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with open_store(tmp_path / "store.db") as store:
            with pytest.raises(PortInUse, match=f"port {port} .* in use by .*process"):
                async with running_receiver(
                    ReceiverConfig(port=port),
                    append=store.append,
                    publish=lambda _: None,
                    now=utc_now,
                    run_directory=RunDirectory(tmp_path / "run"),
                ):
                    pass


async def test_the_run_file_has_the_url_of_the_receiver(tmp_path: Path) -> None:
    """The run file has the URL until the receiver stops."""
    directory = RunDirectory(tmp_path / "run")
    async with rig(tmp_path) as it:
        (found,) = directory.running(ReceiverRun)
        assert found.url == it.receiver.url
    assert directory.running(ReceiverRun) == []
