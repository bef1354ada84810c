"""Publishing to a real nats-server with JetStream, and each way in which that fails."""

import datetime as dt
import ipaddress
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import nats
import pytest
from cloudevents.core.formats.json import JSONFormat
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy

from okhook.forward import nats_stream
from okhook.forward.publishing import Warn
from okhook.forward.senders import Senders
from okhook.forward.sending import Destination, Send
from okhook.http.client import HttpClient
from okhook.records.attempt import ALREADY_IN_STREAM, Attempt, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.secret import Secret, StreamLogin
from tests.support.nats_identity import operator, user
from tests.support.nats_server import NatsServer, nats_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import NOON, delivery_body, event, post

pytestmark = [pytest.mark.anyio, pytest.mark.nats]

SUBJECT = "okta.events"
UNTIL_NOTHING_CAME_S = 2.0
"""A timeout that a test waits for; until then the server is connected, however busy all are."""


@pytest.fixture(autouse=True)
def patient_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for what the server says about its streams as long as for anything."""
    monkeypatch.setattr(nats_stream, "_ASK_S", PATIENCE_S)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with nats_server(tmp_path / "nats") as running:
        yield running


@asynccontextmanager
async def jetstream(
    server: NatsServer, *, user: str | None = None, password: str | None = None
) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(server.url, user=user, password=password)
    try:
        yield client.jetstream(timeout=PATIENCE_S)
    finally:
        await client.close()


async def add_stream(server: NatsServer, **config: Any) -> None:  # noqa: ANN401 - of any type
    async with jetstream(server) as stream:
        await stream.add_stream(name="OKTA", subjects=["okta.>"], **config)


async def messages(server: NatsServer) -> list[tuple[str, bytes]]:
    """Return the message ids and the bodies in the stream, in their order."""
    async with jetstream(server) as stream:
        count = (await stream.stream_info("OKTA")).state.last_seq
        found = [await stream.get_msg("OKTA", seq) for seq in range(1, count + 1)]
    return [((each.headers or {})["Nats-Msg-Id"], each.data or b"") for each in found]


async def ids(server: NatsServer) -> list[str]:
    return [key for key, _ in await messages(server)]


def delivery(*uuids: str, seq: int = 7, **members: object) -> Record:
    entries = [{**event(uuid), **members} for uuid in uuids]
    request = post(delivery_body("event-1", *entries))
    return Record(seq, RecordKind.DELIVERY, request, 204, None, AuthOutcome.MATCHED, None)


@asynccontextmanager
async def sending(
    url: str,
    purpose: Purpose = Purpose.FORWARD,
    *,
    subject: str = SUBJECT,
    login: StreamLogin | None = None,
    timeout_s: float = PATIENCE_S,
    retried_for_s: float = 0,
    warn: Warn = lambda _: None,
) -> AsyncIterator[Send]:
    async with Senders(HttpClient(), now=lambda: NOON, warn=warn) as senders:
        to = Destination(
            f"{url}/{subject}", timeout_s=timeout_s, login=login, retried_for_s=retried_for_s
        )
        yield senders.send_to(to, purpose)


async def attempt(url: str, *uuids: str, **options: Any) -> Attempt:  # noqa: ANN401 - of any type
    """Make one attempt with a connection of its own."""
    async with sending(url, **options) as send:
        return (await send(delivery(*uuids or "a"), 1)).attempt


async def test_each_event_is_a_cloudevent_in_the_stream(server: NatsServer) -> None:
    """With its uuid as the message id; the answer says where it is."""
    await add_stream(server)
    made = await attempt(server.url, "a", "b")
    assert (made.status, made.target) == (200, f"{server.url}/{SUBJECT}")
    assert made.answer == b"stream OKTA, message 1\nstream OKTA, message 2"
    (first, body), (second, _) = await messages(server)
    assert (first, second) == ("a", "b")
    read = JSONFormat().read(None, body)
    assert (read.get_id(), read.get_data()) == ("a", event("a"))
    async with jetstream(server) as stream:
        headers = (await stream.get_msg("OKTA", 1)).headers or {}
    assert headers["Content-Type"] == "application/cloudevents+json; charset=UTF-8"


async def test_a_repetition_is_not_in_the_stream_twice(server: NatsServer) -> None:
    """Nor is what was published of a delivery before okhook was killed; the rest is."""
    await add_stream(server)
    await attempt(server.url, "a")
    made = await attempt(server.url, "a", "b")
    again = await attempt(server.url, "a", "b")
    assert await ids(server) == ["a", "b"]
    assert made.status == 200
    assert made.answer == b"already in the stream OKTA, as message 1\nstream OKTA, message 2"
    assert again.status == ALREADY_IN_STREAM


async def test_each_event_can_have_the_subject_of_its_type(server: NatsServer) -> None:
    """A stream with a wildcard takes them; a hostile type chooses no subject."""
    by_type = "okta.{eventType}"
    missing = await attempt(server.url, "uuid-0", subject=by_type)
    assert "no stream takes okta.user.lifecycle.create" in (missing.reason or "")
    assert "nats stream add OKTA --subjects 'okta.>'" in (missing.reason or "")
    await add_stream(server)
    async with looking(server.url, by_type) as warned:
        assert warned == []
    async with sending(server.url, subject=by_type) as send:
        await send(delivery("uuid-1"), 1)
        await send(delivery("uuid-2", eventType="group.user_membership.add"), 1)
        await send(delivery("uuid-3", eventType="x.> \r\nPUB okta.evil 0"), 1)
    async with jetstream(server) as stream:
        found = [(await stream.get_msg("OKTA", seq)).subject for seq in range(1, 4)]
    assert found == [
        "okta.user.lifecycle.create",
        "okta.group.user_membership.add",
        "okta.unknown",
    ]


async def test_a_replay_arrives(server: NatsServer) -> None:
    """Also a second one with the same number, as from a file."""
    await add_stream(server)
    await attempt(server.url, "a")
    for _ in range(2):
        assert (await attempt(server.url, "a", purpose=Purpose.REPLAY)).status == 200
    first, second, third = await ids(server)
    assert (first, second) == ("a", "a:replay:1")
    assert third.startswith("a:replay:1:")
    assert {json.loads(body)["id"] for _, body in await messages(server)} == {"a"}


async def test_a_stream_that_is_missing_says_how_to_create_it(server: NatsServer) -> None:
    """Then the same connection publishes to it."""
    async with sending(server.url) as send:
        made = (await send(delivery("a"), 1)).attempt
        assert (made.status, made.fault) == (None, "no stream")
        assert made.reason == (
            "no stream takes okta.events: create one, as with"
            " `nats stream add OKTA --subjects okta.events`"
        )
        await add_stream(server)
        assert (await send(delivery("a"), 2)).attempt.status == 200


async def test_a_stream_that_is_full_says_so(server: NatsServer) -> None:
    """It is tried again, and takes the event once there is room."""
    await add_stream(server, max_msgs=1, discard=DiscardPolicy.NEW)
    async with sending(server.url) as send:
        made = (await send(delivery("a", "b"), 1)).attempt
        assert (made.status, made.fault) == (None, "stream full")
        assert made.reason == (
            "the stream is full (maximum messages exceeded): remove messages, raise its limit, or"
            " let it discard old ones; 1 of 2 events were accepted"
        )
        async with jetstream(server) as stream:
            await stream.purge_stream("OKTA")
        assert (await send(delivery("a", "b"), 2)).attempt.status == 200
        async with jetstream(server) as stream:
            assert (await stream.get_msg("OKTA", 2)).headers == {
                **dict.fromkeys(["Nats-Msg-Id"], "b"),
                "Content-Type": "application/cloudevents+json; charset=UTF-8",
            }


async def test_an_event_that_is_too_large_is_not_tried_again(server: NatsServer) -> None:
    """For the stream or for the server; the events beside it arrive."""
    await add_stream(server, max_msg_size=2000)
    async with sending(server.url) as send:
        for size, words in ((3000, "the stream takes no such event"), (2_000_000, "bytes")):
            made = (await send(delivery("a", text="x" * size, seq=size), 1)).attempt
            assert (made.status, made.fault) == (None, "cannot be sent")
            assert words in (made.reason or "")
        assert (await send(delivery("b"), 1)).attempt.status == 200


async def test_a_server_without_jetstream_says_so(tmp_path: Path) -> None:
    """And how to start it."""
    with nats_server(tmp_path / "nats", jetstream=False) as server:
        made = await attempt(server.url)
    assert made.fault == "no stream"
    assert (made.reason or "").startswith("the server has no JetStream: start it with")


async def test_a_subscriber_is_no_stream(server: NatsServer) -> None:
    """One that is silent is found out after the timeout, one that answers at once."""
    client = await nats.connect(server.url)
    heard = await client.subscribe(SUBJECT)
    made = await attempt(server.url, timeout_s=UNTIL_NOTHING_CAME_S)
    assert (made.fault, (made.reason or "")[:20]) == ("no stream", "no stream takes okta")

    async def answers(message: Msg) -> None:
        await message.respond(b"hello")

    await heard.unsubscribe()
    await client.subscribe(SUBJECT, cb=answers)
    made = await attempt(server.url)
    assert made.reason == "something answers on okta.events that is not JetStream"
    await client.close()


async def test_a_stream_that_acknowledges_nothing_says_so(server: NatsServer) -> None:
    """Nobody could know what is in it."""
    await add_stream(server, no_ack=True)
    made = await attempt(server.url, timeout_s=UNTIL_NOTHING_CAME_S)
    assert made.reason == "the stream OKTA acknowledges nothing (no_ack)"


@pytest.mark.parametrize(
    ("config", "right"),
    [
        ('authorization { user: okhook, password: "p@ss,word" }', "okhook:p%40ss,word"),
        ("authorization { token: t0ken }", "t0ken"),
    ],
    ids=["password", "token"],
)
async def test_a_password_or_a_token_logs_in(tmp_path: Path, config: str, right: str) -> None:
    """A wrong one, and none, are refused with what to do; no reason repeats it."""
    with nats_server(tmp_path / "nats", config) as server:
        assert (await attempt(server.url, login=StreamLogin(Secret(right)))).fault == "no stream"
        for wrong in (StreamLogin(Secret(f"{right}x")), None):
            made = await attempt(server.url, login=wrong)
            assert (made.status, made.fault) == (None, "not authorized")
            assert "see `okhook help streams`" in (made.reason or "")
            assert right not in (made.reason or "")


async def test_a_credentials_file_logs_in(tmp_path: Path) -> None:
    """A user's JWT and seed, with the line ends of Windows, too; or only a seed."""
    made_by = operator()
    with nats_server(tmp_path / "nats", made_by.config) as server:
        for text in (made_by.creds, made_by.creds.replace("\n", "\r\n")):
            login = StreamLogin(file=Secret(text))
            assert (await attempt(server.url, login=login)).fault == "no stream"
        login = StreamLogin(file=Secret(operator().creds))
        assert (await attempt(server.url, login=login)).fault == "not authorized"
    person = user()
    config = f"authorization {{ users: [ {{ nkey: {person.public} }} ] }}"
    with nats_server(tmp_path / "other", config) as server:
        login = StreamLogin(file=Secret(f"{person.seed.decode()}\n"))
        assert (await attempt(server.url, login=login)).fault == "no stream"


async def test_a_login_that_may_not_publish_says_so_at_once(tmp_path: Path) -> None:
    """The server sends no answer to such a message: only its complaint tells."""
    config = """authorization { users: [
      { user: a, password: b, permissions: { publish: "other", subscribe: "_INBOX.>" } }
      { user: c, password: d, permissions: { publish: ">", subscribe: "other" } } ] }"""
    with nats_server(tmp_path / "nats", config) as server:
        for login, words in (("a:b", "for publish"), ("c:d", "for subscription")):
            made = await attempt(
                server.url, login=StreamLogin(Secret(login)), timeout_s=3 * PATIENCE_S
            )
            assert made.fault == "not authorized"
            assert f"permissions violation {words}" in (made.reason or "")
            assert made.duration_s < PATIENCE_S


async def test_a_login_that_may_only_publish_is_enough(tmp_path: Path) -> None:
    """Without rights to look at the stream, there is no warning, and a guess why it is missing."""
    config = """authorization { users: [ { user: admin, password: x }
      { user: a, password: b, permissions:
        { publish: "okta.>", subscribe: "_INBOX.>" } } ] }"""
    told: list[str] = []
    login = StreamLogin(Secret("a:b"))
    with nats_server(tmp_path / "nats", config) as server:
        made = await attempt(server.url, login=login, timeout_s=UNTIL_NOTHING_CAME_S)
        assert (made.reason or "").startswith("nothing takes okta.events: is there a stream")
        async with jetstream(server, user="admin", password="x") as stream:
            await stream.add_stream(name="OKTA", subjects=["okta.>"])
        made = await attempt(server.url, login=login, retried_for_s=3000, warn=told.append)
    assert (made.status, told) == (200, [])


@asynccontextmanager
async def looking(
    url: str,
    subject: str = SUBJECT,
    **options: Any,  # noqa: ANN401 - of any type
) -> AsyncIterator[list[str]]:
    """Look at a stream as at the start of ``serve``; yield the warnings."""
    told: list[str] = []
    async with Senders(HttpClient(), now=lambda: NOON, warn=told.append) as senders:
        senders.send_to(Destination(f"{url}/{subject}", **options), Purpose.FORWARD)
        await senders.look()
        yield told


async def test_the_start_warns_about_what_an_event_would_meet(
    server: NatsServer, tmp_path: Path
) -> None:
    """The server, JetStream, the stream and its window; nothing is published."""
    async with looking(server.url) as told:
        (warning,) = told
    assert warning == (
        f"{server.url}/okta.events: no stream takes okta.events: create one, as with"
        " `nats stream add OKTA --subjects okta.events`; events wait meanwhile"
    )
    await add_stream(server)
    async with looking(server.url, retried_for_s=120) as told:
        assert told == []
    async with looking(server.url, retried_for_s=121) as told:
        assert ["--dupe-window 3m" in each for each in told] == [True]
    assert await ids(server) == []
    server.kill()
    async with looking(server.url) as told:
        assert told == [f"{server.url}/okta.events: Connection refused; events wait meanwhile"]
    with nats_server(tmp_path / "other", jetstream=False) as other:
        async with looking(other.url) as told:
            assert ["the server has no JetStream" in each for each in told] == [True]


async def test_a_short_duplicate_window_is_a_warning(server: NatsServer) -> None:
    """Once, with the command that sets it; not for a replay, and not if it is long enough."""
    await add_stream(server)
    told: list[str] = []
    async with sending(server.url, retried_for_s=3376, warn=told.append) as send:
        await send(delivery("a"), 1)
        await send(delivery("b"), 1)
    await attempt(server.url, "c", retried_for_s=0, warn=told.append)
    await attempt(server.url, "d", retried_for_s=120, warn=told.append)
    (warning,) = told
    assert warning == (
        "the stream OKTA recognises a repeated event for 2m, but okhook retries for up to 57m: a"
        " late retry can be in it twice; run `nats stream edit OKTA --dupe-window 57m`"
    )


async def test_the_next_server_takes_over(server: NatsServer, tmp_path: Path) -> None:
    """In the order of the URL; if none answers, the reason names each."""
    with nats_server(tmp_path / "other") as other:
        await add_stream(server)
        await add_stream(other)
        async with sending(f"nats://127.0.0.1:{other.port},127.0.0.1:{server.port}") as send:
            assert (await send(delivery("a"), 1)).attempt.status == 200
            other.kill()
            tried = [(await send(delivery("b"), number)).attempt for number in (1, 2)]
            assert {made.fault for made in tried} <= {None, "connection lost"}
            assert tried[-1].accepted
            assert await ids(server) == ["b"]
            server.kill()
            made = [(await send(delivery("c"), number)).attempt for number in (1, 2)][-1]
    assert made.fault == "no connection"
    assert f"127.0.0.1:{other.port}: Connection refused" in (made.reason or "")
    assert f"127.0.0.1:{server.port}: Connection refused" in (made.reason or "")


async def test_a_lost_connection_ends_what_is_under_way(server: NatsServer) -> None:
    """At once, not after the timeout; the next attempt connects again."""
    await add_stream(server, no_ack=True)
    async with sending(server.url, timeout_s=3 * PATIENCE_S) as send:
        results: list[Attempt] = []

        async def publish() -> None:
            results.append((await send(delivery("a"), 1)).attempt)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(publish)
            await until_published(server)
            server.kill()
        assert (results[0].status, results[0].fault) == (None, "connection lost")
        assert (await send(delivery("a"), 2)).attempt.fault == "no connection"
        server.start()
        async with jetstream(server) as stream:
            await stream.delete_stream("OKTA")
        await add_stream(server)
        assert (await send(delivery("a"), 3)).attempt.status == 200


async def until_published(server: NatsServer) -> None:
    """Wait until something is in the stream."""
    with anyio.fail_after(PATIENCE_S):
        while not await ids(server):  # noqa: ASYNC110 - another program has it
            await anyio.sleep(0.01)


def certificates(directory: Path) -> tuple[str, Path]:
    """Return the TLS lines of a server at 127.0.0.1, and its authority's certificate."""
    now, key = dt.datetime.now(dt.UTC), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's server")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = directory / "server.pem", directory / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return f"tls {{ cert_file: {str(certificate)!r}, key_file: {str(private)!r} }}", certificate


async def test_a_client_certificate_logs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the server asks for one; without it, the fault is TLS's. Nothing is logged."""
    config, certificate = certificates(tmp_path)
    asking = config.replace("}", f", verify: true, ca_file: {str(certificate)!r} }}")
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + (tmp_path / "key.pem").read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with nats_server(tmp_path / "nats", asking) as server:
        url = server.url.replace("nats:", "tls:")
        assert (await attempt(url, login=StreamLogin(certificate=both))).fault == "no stream"
        made = await attempt(url)
        assert made.fault == "TLS failed"
        assert "set OKHOOK_NATS_CERTIFICATE" in (made.reason or "")
    assert not caplog.records


async def test_tls_needs_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everywhere in okhook; also with ``nats://``, when the server asks for it."""
    config, certificate = certificates(tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    with nats_server(tmp_path / "nats", config) as server:
        urls = (server.url, server.url.replace("nats:", "tls:"))
        for url in urls:
            made = await attempt(url)
            assert made.fault == "TLS failed"
            assert "set SSL_CERT_FILE to a file that contains it" in (made.reason or "")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        for url in urls:
            assert (await attempt(url)).fault == "no stream"
        other = urls[1].replace("127.0.0.1", "localhost")
        assert (await attempt(other)).fault == "TLS failed"
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing"))
    assert (await attempt(urls[1])).fault == "environment"


async def test_a_password_does_not_go_to_a_server_without_tls(server: NatsServer) -> None:
    """Where the URL asks for TLS: somebody between them could take the offer of TLS away."""
    url = server.url.replace("nats:", "tls:")
    for login in (StreamLogin(Secret("user:password")), StreamLogin(Secret("token")), None):
        made = await attempt(url, login=login)
        assert made.fault == "TLS failed"
        assert made.reason == "the server does not offer TLS; use nats://"
