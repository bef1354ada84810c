"""The HTTP client over real sockets: one answer, or an error that says what failed."""

import datetime as dt
import gzip
import ipaddress
import socket
import ssl
from pathlib import Path

import httpx
import pytest

import okhook.http
from okhook.http import (
    Answer,
    AnswerLost,
    ConnectionFailed,
    HttpClient,
    HttpError,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from tests.answering import SILENCE, Asked, answer, answering_server, free_port

PATIENT_S = 10.0


async def _get(url: str, timeout_s: float = PATIENT_S) -> Answer:
    async with HttpClient(user_agent="okhook/test", timeout_s=timeout_s) as client:
        return await client.send("GET", url)


async def _fault(url: str, timeout_s: float = PATIENT_S) -> HttpError:
    with pytest.raises(HttpError) as failed:
        await _get(url, timeout_s)
    assert failed.value.url == url
    return failed.value


@pytest.mark.anyio
async def test_an_answer_is_read_whole() -> None:
    """Status, repeated headers in order, bytes and time come back as the server sent them."""

    def two_links(_: Asked) -> bytes:
        return answer(201, b"\x00\xff{}", "Link: <a>; rel=self", "X-One: 1", "Link: <b>; rel=next")

    with answering_server(two_links) as server:
        got = await _get(server.url)
    assert (got.status, got.body, got.is_success) == (201, b"\x00\xff{}", True)
    assert got.header_values("LINK") == ["<a>; rel=self", "<b>; rel=next"]
    assert got.header("x-one") == "1"
    assert got.header("absent") is None
    assert 0 < got.elapsed_s < PATIENT_S


@pytest.mark.anyio
async def test_what_is_sent_is_what_was_given() -> None:
    """Body bytes, header pairs and their order arrive; a User-Agent given replaces our own."""
    with answering_server(lambda _: answer(204)) as server:
        async with HttpClient(user_agent="okhook/test") as client:
            await client.send(
                "POST",
                server.url + "?q=1",
                headers=[("X-B", "1"), ("X-A", "2"), ("X-B", "3"), ("User-Agent", "Okta")],
                body=b'{"a":\xff}',
            )
            await client.send("GET", server.url)
    first, second = server.asked
    assert (first.method, first.target, first.body) == ("POST", "/hook?q=1", b'{"a":\xff}')
    sent = [pair for pair in first.headers if pair[0].lower().startswith("x-")]
    assert [value for _, value in sent] == ["1", "2", "3"]
    assert [v for k, v in first.headers if k.lower() == "user-agent"] == ["Okta"]
    assert second.header("User-Agent") == "okhook/test"


@pytest.mark.anyio
@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    """A redirect is an answer like any other; nothing is sent to where it points."""
    with answering_server(lambda _: answer(status, b"", "Location: /elsewhere")) as server:
        got = await _get(server.url)
    assert (got.status, got.is_success) == (status, False)
    assert len(server.asked) == 1


@pytest.mark.anyio
async def test_an_unknown_name_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that DNS does not know is NameNotFound, and not merely "no connection"."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    fault = await _fault("https://hook.invalid/x")
    assert isinstance(fault, NameNotFound)
    assert fault.reason == "the name cannot be resolved: Name or service not known"


@pytest.mark.anyio
async def test_a_refused_connection_is_told_apart() -> None:
    """Nobody listens: the reason is the system's own words."""
    fault = await _fault(f"http://127.0.0.1:{free_port()}/x")
    assert isinstance(fault, ConnectionFailed)
    assert fault.reason == "Connection refused"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/x",
        "no scheme",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://[::1]:0/",
    ],
)
async def test_what_is_no_address_is_a_failed_connection(url: str) -> None:
    """A URL that cannot be called is an error of ours, never one of the library's."""
    assert isinstance(await _fault(url), ConnectionFailed)


@pytest.mark.anyio
async def test_silence_ends_at_the_time_allowed() -> None:
    """A server that accepts and never answers is TimedOut, with the time in the reason."""
    with answering_server(lambda _: SILENCE) as server:
        fault = await _fault(server.url, timeout_s=0.2)
    assert isinstance(fault, TimedOut)
    assert fault.reason == "no answer within 0.2 s"


@pytest.mark.anyio
async def test_a_dripping_answer_ends_at_the_time_allowed() -> None:
    """The time bounds the whole exchange: half an answer in time is no answer."""
    with answering_server(lambda _: SILENCE) as server:
        server.answering = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        fault = await _fault(server.url, timeout_s=0.3)
    assert isinstance(fault, TimedOut)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent", b"not http at all\r\n\r\n"], ids=repr
)
async def test_a_broken_answer_is_lost(said: bytes) -> None:
    """A connection cut before or within the answer, and one that speaks no HTTP, is AnswerLost."""
    with answering_server(lambda _: said) as server:
        fault = await _fault(server.url)
    assert isinstance(fault, AnswerLost)
    assert fault.reason


@pytest.mark.anyio
async def test_a_body_that_cannot_be_unpacked_is_lost() -> None:
    """What claims to be gzip and is none is no answer, and no bug of ours either."""
    with answering_server(lambda _: answer(200, b"plain", "Content-Encoding: gzip")) as server:
        fault = await _fault(server.url)
    assert isinstance(fault, AnswerLost)


@pytest.mark.anyio
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_an_endless_answer_is_cut_off(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer over the limit, counted as unpacked, is lost; one of just that size is read."""
    monkeypatch.setattr(okhook.http, "ANSWER_LIMIT_BYTES", 2 << 20)

    def sized(asked: Asked) -> bytes:
        body = b"a" * int(asked.target.rpartition("/")[2])
        return (
            answer(200, gzip.compress(body), "Content-Encoding: gzip")
            if packed
            else answer(200, body)
        )

    with answering_server(sized) as server:
        base = server.url.removesuffix("/hook")
        assert len((await _get(f"{base}/{2 << 20}")).body) == 2 << 20
        fault = await _fault(f"{base}/{(2 << 20) + 1}")
    assert isinstance(fault, AnswerLost)
    assert fault.reason == "the answer is longer than 2 MiB"


@pytest.mark.anyio
async def test_tls_against_a_plain_server_fails_as_tls() -> None:
    """A server that speaks no TLS is TlsFailed, or a lost answer: never a success."""
    with answering_server(lambda _: b"HTTP/1.1 400 X\r\n\r\n") as server:
        fault = await _fault(server.url.replace("http:", "https:"))
    assert isinstance(fault, TlsFailed | ConnectionFailed)


@pytest.mark.anyio
async def test_an_unknown_certificate_fails_as_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A self-signed certificate is refused, by name; once trusted by SSL_CERT_FILE, it is taken."""
    certificate = _self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with answering_server(lambda _: answer(204), tls=context) as server:
        fault = await _fault(server.url)
        assert isinstance(fault, TlsFailed)
        assert "self-signed certificate" in fault.reason
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert (await _get(server.url)).status == 204


@pytest.mark.anyio
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_loopback_never_goes_through_a_proxy(
    variable: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a proxy in the environment, this machine's own addresses are reached directly."""
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    with (
        answering_server(lambda _: answer(502)) as proxy,
        answering_server(lambda _: answer(204)) as server,
    ):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        got = await _get(server.url.replace("127.0.0.1", host))
    assert got.status == 204
    assert proxy.asked == []


@pytest.mark.anyio
async def test_ipv6_loopback_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for ``[::1]``, where a refused connection proves the direct way."""
    with answering_server(lambda _: answer(502)) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        fault = await _fault(f"http://[::1]:{free_port()}/x")
    assert isinstance(fault, ConnectionFailed)
    assert proxy.asked == []


@pytest.mark.anyio
async def test_other_hosts_do_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is used for everybody else."""
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    with answering_server(lambda _: answer(204)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        got = await _get("http://hook.invalid/x")
    assert got.status == 204
    assert proxy.asked[0].target == "http://hook.invalid/x"


@pytest.mark.anyio
async def test_a_transport_can_stand_in_for_the_network() -> None:
    """The seam for tests: no socket is opened, and loopback is no exception to it."""
    transport = httpx.MockTransport(lambda _: httpx.Response(418))
    async with HttpClient(user_agent="t", transport=transport) as client:
        assert (await client.send("GET", "http://127.0.0.1:1/x")).status == 418


def _self_signed(directory: Path) -> Path:
    """Write a certificate of our own for 127.0.0.1, with its key, into one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "okhook test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    file = directory / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file
