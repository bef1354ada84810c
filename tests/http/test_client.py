"""The HTTP client over real sockets: one answer, or an error that says what failed."""

import contextlib
import gzip
import os
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream

import okhook.http.client
from okhook.http.client import Answer, HeaderBytes, HttpClient
from okhook.http.errors import (
    AnswerLost,
    CannotBeSent,
    ConnectionFailed,
    EnvironmentFault,
    HttpError,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.certificate import self_signed
from tests.support.held_clock import held_clock
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port


async def _get(url: str, timeout_s: float = PATIENCE_S) -> Answer:
    async with HttpClient(user_agent="okhook/test", timeout_s=timeout_s) as client:
        return await client.send("GET", url)


async def _fault(url: str, timeout_s: float = PATIENCE_S) -> HttpError:
    with pytest.raises(HttpError) as failed:
        await _get(url, timeout_s)
    assert failed.value.url == url
    return failed.value


@pytest.mark.anyio
async def test_an_answer_is_read_whole() -> None:
    """Status, headers in order, bytes and time."""

    def two_links(_: Asked) -> bytes:
        return answer(201, b"\x00\xff{}", "Link: <a>; rel=self", "X-One: 1", "Link: <b>; rel=next")

    with answering_server(two_links) as server:
        got = await _get(server.url)
    assert (got.status, got.body, got.is_success) == (201, b"\x00\xff{}", True)
    assert got.header_values("LINK") == ["<a>; rel=self", "<b>; rel=next"]
    assert got.header("x-one") == "1"
    assert got.header("absent") is None
    assert 0 < got.elapsed_s < PATIENCE_S


@pytest.mark.anyio
async def test_headers_and_body_arrive_unchanged() -> None:
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
async def test_an_unknown_name_is_name_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that DNS does not know is NameNotFound, and not merely "no connection"."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    fault = await _fault("https://hook.invalid/x")
    assert isinstance(fault, NameNotFound)
    assert fault.reason == "could not resolve the name: Name or service not known"


@pytest.mark.anyio
async def test_a_refused_connection_is_connection_failed() -> None:
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
async def test_an_invalid_address_is_connection_failed(url: str) -> None:
    """It is never an error of httpx."""
    assert isinstance(await _fault(url), ConnectionFailed)


@pytest.mark.anyio
async def test_silence_is_a_timeout() -> None:
    """A server that accepts and never answers is TimedOut, with the time in the reason."""
    with answering_server(lambda _: SILENCE) as server:
        fault = await _fault(server.url, timeout_s=0.2)
    assert isinstance(fault, TimedOut)
    assert fault.reason == "no answer within 0.2 s"


class TokenFirst(httpx.Auth):
    """Asks another address for leave first, before it lets a call go."""

    def __init__(self, url: str) -> None:
        self._url = url

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        leave = yield httpx.Request("POST", self._url, extensions=request.extensions)
        if leave.is_success:
            yield request


@pytest.mark.anyio
async def test_a_token_request_has_its_own_timeout_and_url() -> None:
    """Its faults have its own URL, and the call's timeout starts with the call."""

    def slow(_: Asked) -> bytes:
        clock.advance(0.5)
        return answer(200)

    def never(_: Asked) -> bytes:
        clock.advance(0.2)
        return SILENCE

    with answering_server(slow) as server, held_clock() as clock:
        call, leave = server.url, server.url.replace("/hook", "/leave")
        async with HttpClient(user_agent="okhook/test", timeout_s=0.9) as client:
            got = await client.send("GET", call, auth=TokenFirst(leave))
            assert (got.status, got.url) == (200, call)
            server.answering = lambda _: answer(503)
            got = await client.send("GET", call, auth=TokenFirst(leave))
            assert (got.status, got.url) == (503, leave)
            server.answering = never
            with pytest.raises(TimedOut) as failed:
                await client.send("GET", call, auth=TokenFirst(leave), timeout_s=0.2)
            assert (failed.value.url, failed.value.reason) == (leave, "no answer within 0.2 s")
            with pytest.raises(TimedOut) as failed:
                await client.send("GET", call, timeout_s=0.2)
            assert failed.value.url == call


@pytest.mark.anyio
async def test_a_slow_answer_is_a_timeout() -> None:
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
    assert "bytearray" not in fault.reason


@pytest.mark.anyio
async def test_a_connection_that_is_reset_is_named_in_words() -> None:
    """httpx says nothing more than ``ReadError``."""

    def reset(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("")

    async with HttpClient(transport=httpx.MockTransport(reset)) as client:
        with pytest.raises(AnswerLost) as caught:
            await client.send("GET", "http://app.test/hook")
    assert caught.value.reason == "the connection broke before the whole answer came"


@pytest.mark.anyio
async def test_a_body_that_cannot_be_decompressed_is_lost() -> None:
    """A body that claims to be gzip and is not is AnswerLost."""
    with answering_server(lambda _: answer(200, b"plain", "Content-Encoding: gzip")) as server:
        fault = await _fault(server.url)
    assert isinstance(fault, AnswerLost)
    assert fault.reason.startswith("the answer is not compressed as it says: ")


@pytest.mark.anyio
@pytest.mark.parametrize("header", ["gzip, gzip", "gzip\r\nContent-Encoding: gzip"], ids=repr)
async def test_a_body_that_is_compressed_twice_stays_so(header: str) -> None:
    """Each time makes a thousand bytes of one: the memory would be full before any limit."""
    packed = gzip.compress(gzip.compress(b"a" * 1000))
    with answering_server(lambda _: answer(200, packed, f"Content-Encoding: {header}")) as server:
        assert (await _get(server.url)).body == packed


@pytest.mark.anyio
async def test_an_answer_that_unpacks_to_much_is_never_all_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thousandth of it comes over the network: 64 KiB would be 64 MiB before any limit."""
    monkeypatch.setattr(okhook.http.client, "ANSWER_LIMIT_BYTES", 1 << 20)
    packed = gzip.compress(bytes(32 << 20))
    with answering_server(lambda _: answer(200, packed, "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        try:
            fault = await _fault(server.url)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert fault.reason == "the response is longer than 1 MiB"
    assert most < 8 << 20


@pytest.mark.anyio
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_an_endless_answer_is_cut_off(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer over the limit, counted as unpacked, is lost; one of just that size is read."""
    monkeypatch.setattr(okhook.http.client, "ANSWER_LIMIT_BYTES", 2 << 20)

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
    assert fault.reason == "the response is longer than 2 MiB"


@asynccontextmanager
async def _conversing(converse: Callable[[SocketStream], Awaitable[None]]) -> AsyncIterator[int]:
    """Have each connection served by ``converse``, which may say anything, for the block."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, converse)
        yield listener.extra(SocketAttribute.local_port)  # noqa: S610 (Django's is another)
        tasks.cancel_scope.cancel()


async def _beginning(
    url: str,
    *,
    limit_bytes: int = 1000,
    headers: HeaderBytes = (),
    timeout_s: float = PATIENCE_S,
) -> Answer:
    async with HttpClient(user_agent="okhook/test") as client:
        return await client.send(
            "POST",
            url,
            headers=headers,
            body=b"\x00{}",
            timeout_s=timeout_s,
            only_first_bytes=limit_bytes,
        )


@pytest.mark.anyio
async def test_header_bytes_are_sent_unchanged() -> None:
    """Pairs of bytes keep their order, repetitions, case and bytes beyond ASCII."""
    headers = [(b"x-b", b"1"), (b"X-A", b"\xc3\xbc\xff"), (b"x-b", b""), (b"user-agent", b"Okta")]
    with answering_server(lambda _: answer(204)) as server:
        await _beginning(server.url, headers=headers)
    (asked,) = server.asked
    sent = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in asked.headers]
    assert [pair for pair in sent if pair in headers] == headers
    assert asked.body == b"\x00{}"


@pytest.mark.anyio
@pytest.mark.parametrize("size", [999, 1000, 1001, 5_000_000])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_only_the_beginning_of_an_answer_is_read(size: int, packed: bool) -> None:
    """An answer over the limit is cut there, not refused; up to it, it is whole."""
    body = b"a" * size
    said = answer(200, body)
    if packed:
        said = answer(200, gzip.compress(body), "Content-Encoding: gzip")
    with answering_server(lambda _: said) as server:
        got = await _beginning(server.url)
    assert (got.status, got.body) == (200, body[:1000])


@pytest.mark.anyio
async def test_the_connection_of_an_endless_answer_is_closed() -> None:
    """Once the beginning is there, the connection is closed, and the server's writing fails."""
    hung_up = anyio.Event()

    async def flood(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 202 X\r\n\r\n")
            with contextlib.suppress(anyio.BrokenResourceError):
                while True:
                    await stream.send(b"a" * 65536)
            hung_up.set()

    async with _conversing(flood) as port:
        got = await _beginning(f"http://127.0.0.1:{port}/hook")
        with anyio.fail_after(PATIENCE_S):
            await hung_up.wait()
    assert (got.status, got.body) == (202, b"a" * 1000)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "body", "kept"),
    [
        (b"Content-Length: 10", b"half", b"half"),
        (b"Transfer-Encoding: chunked", b"4\r\nhalf\r\nnonsense", b"half"),
        (b"Content-Encoding: gzip", b"this is plain", b""),
    ],
)
async def test_a_status_counts_even_if_its_body_breaks_off(
    headers: bytes, body: bytes, kept: bytes
) -> None:
    """A body that breaks off or cannot be unpacked takes nothing from the status before it."""
    said = b"HTTP/1.1 201 X\r\nConnection: close\r\n" + headers + b"\r\n\r\n" + body
    with answering_server(lambda _: said) as server:
        got = await _beginning(server.url)
    assert (got.status, got.body) == (201, kept)


@pytest.mark.anyio
async def test_a_slow_body_is_cut_at_the_timeout() -> None:
    """The time bounds the whole exchange; what had come by then is the answer."""

    async def drip(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 200 X\r\n\r\nfirst words")
            await clock.advance_when_read(0.3)
            await anyio.sleep_forever()

    with held_clock() as clock:
        async with _conversing(drip) as port:
            got = await _beginning(f"http://127.0.0.1:{port}/hook", timeout_s=0.3)
    assert (got.status, got.body) == (200, b"first words")


@pytest.mark.anyio
async def test_without_a_status_there_is_no_answer() -> None:
    """Silence, a refusal and a cut connection are told apart as for any other request."""
    with (
        answering_server(lambda _: SILENCE) as server,
        pytest.raises(TimedOut, match=r"no answer within 0\.2 s"),
    ):
        await _beginning(server.url, timeout_s=0.2)
    with answering_server(lambda _: b"") as server, pytest.raises(AnswerLost):
        await _beginning(server.url)
    with pytest.raises(ConnectionFailed):
        await _beginning(f"http://127.0.0.1:{free_port()}/x")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "pair",
    [
        (b"x-a", b"s3cret\r\nx-b: 1"),
        (b"x-a", b"s3cret\x00"),
        (b"x-a", b" s3cret"),
        (b"x s3cret", b"1"),
        (b"\xc3\xbcs3cret", b"1"),
        (b"\xffs3cret", b"1"),
    ],
)
async def test_an_invalid_header_is_not_sent_and_not_quoted(pair: tuple[bytes, bytes]) -> None:
    """Nothing of the request reaches the server, and the reason does not quote the header."""
    with answering_server(lambda _: answer(204)) as server, pytest.raises(CannotBeSent) as failed:
        await _beginning(server.url, headers=[pair])
    assert server.asked == []
    assert "s3cret" not in failed.value.reason


@pytest.mark.anyio
async def test_cookies_are_not_kept() -> None:
    """What one answer sets is not sent with the next request."""
    with answering_server(lambda _: answer(200, b"", "Set-Cookie: a=1; Path=/")) as server:
        async with HttpClient(user_agent="okhook/test") as client:
            await client.send("GET", server.url)
            await client.send("GET", server.url)
    assert [asked.header("Cookie") for asked in server.asked] == [None, None]


def test_each_fault_has_its_own_name() -> None:
    """No two errors are told by the same word."""
    known = [kind for kind in HttpError.__subclasses__() if kind.__module__ == HttpError.__module__]
    kinds: list[type[HttpError]] = [HttpError, *known]
    words = [kind.fault for kind in kinds]
    assert len(set(words)) == len(words) == 8


@pytest.mark.anyio
async def test_tls_against_a_plain_server_fails_as_tls() -> None:
    """A server that speaks no TLS is TlsFailed: never a success, and never waited for."""

    async def speak_plainly(stream: SocketStream) -> None:
        async with stream:
            await stream.send(b"HTTP/1.1 400 X\r\n\r\n")
            with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                while True:
                    await stream.receive()

    async with _conversing(speak_plainly) as port:
        fault = await _fault(f"https://127.0.0.1:{port}/hook")
    assert isinstance(fault, TlsFailed)


@pytest.mark.anyio
async def test_an_unknown_certificate_fails_as_tls_field_13(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A self-signed certificate is refused, by name; once trusted by SSL_CERT_FILE, it is taken."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    certificate = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with answering_server(lambda _: answer(204), tls=context) as server:
        fault = await _fault(server.url)
        assert isinstance(fault, TlsFailed)
        assert "self-signed certificate; to trust it, set SSL_CERT_FILE" in fault.reason
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert (await _get(server.url)).status == 204


UNUSABLE = [
    ("HTTPS_PROXY", "nonsense://someone:pass-word@127.0.0.1:1", "its scheme must be one of http,"),
    ("ALL_PROXY", "socks://someone:pass-word@127.0.0.1:1", "its scheme must be one of http,"),
    ("https_proxy", "http://[::1", "it is not a valid URL"),
    ("ALL_PROXY", "http://127.0.0.1:port", "it is not a valid URL"),
    ("HTTPS_PROXY", "http://", "it is not a valid URL"),
    ("HTTPS_PROXY", "'http://127.0.0.1:1'", "it is in quotes"),
    ("SSL_CERT_FILE", "/no/such/file.pem", "No such file"),
    ("SSL_CERT_FILE", os.devnull, "it is not a regular file"),
    ("SSL_CERT_DIR", __file__, "it is not a directory"),
    ("SSL_CERT_DIR", "/no/such:/directory", "it is not a directory"),
]


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Remove every proxy and certificate from the environment."""
    for name in os.environ:
        if "PROXY" in name.upper() or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.anyio
@pytest.mark.parametrize(("variable", "value", "why"), UNUSABLE)
async def test_an_unusable_proxy_or_certificate_is_named_when_it_is_needed_field_13(
    no_environment: pytest.MonkeyPatch, variable: str, value: str, why: str
) -> None:
    """A call of this machine works; one of another names the variable, and no password."""
    no_environment.setenv(variable, value)
    with answering_server(lambda _: answer(204)) as server:
        assert (await _get(server.url)).status == 204
    fault = await _fault("https://hook.invalid/x")
    assert isinstance(fault, EnvironmentFault)
    assert variable in fault.reason
    assert why in fault.reason
    assert "pass-word" not in fault.reason
    assert fault.__suppress_context__


@pytest.mark.anyio
async def test_certificates_in_a_pipe_are_not_awaited_field_13(
    no_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody may ever write into it."""
    os.mkfifo(tmp_path / "pipe")
    no_environment.setenv("SSL_CERT_FILE", str(tmp_path / "pipe"))
    fault = await _fault("https://hook.invalid/x")
    assert "it is not a regular file" in fault.reason


@pytest.mark.anyio
@pytest.mark.parametrize("blank", ["", " ", "\n"])
async def test_a_blank_variable_names_no_proxy_field_13(
    no_environment: pytest.MonkeyPatch, blank: str
) -> None:
    """The next variable counts; a line break at the end of one is no part of it."""
    with answering_server(lambda _: answer(204)) as proxy:
        no_environment.setenv("HTTP_PROXY", blank)
        fault = await _fault("http://hook.invalid/x")
        assert isinstance(fault, NameNotFound)
        no_environment.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}\n")
        assert (await _get("http://hook.invalid/x")).status == 204


@pytest.mark.anyio
async def test_tls_that_fails_through_a_proxy_names_it_field_13(
    no_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The proxy may be the one that has another certificate, or takes no TLS at all."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(self_signed(tmp_path))
    with answering_server(lambda _: answer(204), tls=context) as proxy:
        no_environment.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
        fault = await _fault("https://hook.invalid/x")
    assert isinstance(fault, TlsFailed)
    assert fault.reason.startswith("through the proxy in HTTPS_PROXY: ")


@pytest.mark.anyio
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_socks_proxy_carries_calls_of_other_hosts_field_13(
    no_environment: pytest.MonkeyPatch, scheme: str
) -> None:
    """The proxy is told the name, connects, and passes the bytes on; loopback goes without it."""
    with answering_server(lambda _: answer(204)) as server:
        asked: list[bytes] = []

        async def serve(stream: SocketStream) -> None:
            async with stream, await anyio.connect_tcp("127.0.0.1", server.port) as target:
                await stream.receive()
                await stream.send(b"\x05\x00")  # no authentication
                asked.append(await stream.receive())
                await stream.send(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
                async with anyio.create_task_group() as both:
                    both.start_soon(_pass_on, stream, target)
                    await _pass_on(target, stream)
                    both.cancel_scope.cancel()

        async with _conversing(serve) as port:
            no_environment.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{port}")
            assert (await _get(server.url)).status == 204
            assert asked == []
            assert (await _get("http://hook.invalid/x")).status == 204
    assert b"hook.invalid" in asked[0]


@pytest.mark.anyio
@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize(
    ("host", "why"), [("127.0.0.1", "Connection refused"), ("proxy.invalid", "could not resolve")]
)
async def test_a_proxy_that_does_not_answer_is_named_field_13(
    no_environment: pytest.MonkeyPatch, scheme: str, host: str, why: str
) -> None:
    """The host that was called may be fine."""
    no_environment.setenv("ALL_PROXY", f"{scheme}://{host}:{free_port()}")
    fault = await _fault("https://hook.invalid/x")
    assert isinstance(fault, ConnectionFailed)
    assert fault.reason.startswith(f"the proxy in ALL_PROXY: {why}")


async def _pass_on(source: SocketStream, target: SocketStream) -> None:
    with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError):
        while True:
            await target.send(await source.receive())


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
async def test_a_transport_can_replace_the_network() -> None:
    """The seam for tests: no socket is opened, and loopback is no exception to it."""
    transport = httpx.MockTransport(lambda _: httpx.Response(418))
    async with HttpClient(user_agent="t", transport=transport) as client:
        assert (await client.send("GET", "http://127.0.0.1:1/x")).status == 418
