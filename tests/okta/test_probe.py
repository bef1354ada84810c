"""The probe: the verification GET made by ourselves, over real sockets, and the cause it names."""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from inline_snapshot import snapshot
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from okhook.http.client import Answer, HttpClient
from okhook.http.errors import (
    AnswerLost,
    ConnectionFailed,
    HttpError,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from okhook.okta.activities import ProbeReport
from okhook.okta.event_hooks import body_of, read_event_hook
from okhook.okta.probe import ProbeTarget, diagnosed, probe, target_of
from okhook.secret import HookAuth, Secret
from okhook.wire.delivery import CHALLENGE_HEADER
from okhook.wire.hook_call import TIMEOUT_S
from okhook.wire.org import Org
from tests.okta.fake_org import FakeOrg, serving_in_thread
from tests.okta.setup import ORG, SECRET, WANTED

SANDBOX = Org("http://127.0.0.1:8137")
CHALLENGE = "challenge-1"
AUTH = HookAuth("Authorization", Secret(SECRET))

Answering = Callable[[Request], Response]


@dataclass
class Endpoint:
    """An endpoint that answers as a test wants, and keeps what it was sent."""

    answering: Answering
    seen: list[dict[str, str]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.seen.append(dict(request.headers))
        await self.answering(request)(scope, receive, send)


def right(request: Request, **headers: str) -> Response:
    challenge = request.headers["x-okta-verification-challenge"]
    pairs = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse({"verification": challenge}, headers=pairs)


async def probed(url: str, *, org: Org = SANDBOX, auth: HookAuth | None = AUTH) -> ProbeReport:
    target = ProbeTarget(url, (("X-Stage", "test"),), auth)
    async with HttpClient(user_agent="okhook/tests") as http:
        return await probe(http, target, org)


def failed(report: ProbeReport) -> list[str]:
    return [step.name for step in report.steps if step.ok is False]


@pytest.mark.anyio
async def test_a_right_answer_is_right_in_every_step() -> None:
    """The GET is Okta's: challenge, custom header and secret; and who answered is told."""
    endpoint = Endpoint(lambda request: right(request, x_okhook_receiver="1.2.3"), [])
    with serving_in_thread(endpoint) as url:
        report = await probed(url)
    [sent] = endpoint.seen
    assert sent[CHALLENGE_HEADER]
    assert (sent["authorization"], sent["x-stage"]) == (SECRET, "test")
    assert report.cause is None
    assert report.answered_by == "okhook's receiver 1.2.3"
    assert [(step.name, step.ok) for step in report.steps] == snapshot(
        [
            ("DNS", True),
            ("connection", True),
            ("redirect", True),
            ("status", True),
            ("content type", True),
            ("JSON", True),
            ("echo", True),
            ("time", True),
        ]
    )


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("answering", "step", "says"),
    [
        (lambda _: RedirectResponse("https://login.example.com/"), "redirect", "login.example.com"),
        (lambda _: PlainTextResponse("no", 401), "status", "does not accept the secret"),
        (lambda _: PlainTextResponse("no", 404), "status", "nothing at that path"),
        (lambda _: PlainTextResponse("no", 405), "status", "does not accept GET"),
        (lambda _: PlainTextResponse("no", 410), "status", "Hookdeck source was deleted"),
        (lambda _: PlainTextResponse("no", 500), "status", "stumbled"),
        (lambda _: PlainTextResponse("no", 502), "status", "application behind it does not"),
        (lambda _: Response(status_code=204), "status", "must return 200"),
        (lambda _: JSONResponse("hello", media_type="text/html"), "echo", "no string under"),
        (lambda _: Response("<p>", media_type="text/html"), "JSON", "not JSON"),
        (lambda _: JSONResponse({"verification": "x"}), "echo", "another value: x"),
        (
            lambda r: JSONResponse({"Verification": r.headers[CHALLENGE_HEADER]}),
            "echo",
            "does not return",
        ),
        (
            lambda r: Response(right(r).body, media_type="text/plain"),
            "content type",
            "text/plain",
        ),
    ],
)
async def test_each_wrong_answer_has_its_cause(answering: Answering, step: str, says: str) -> None:
    """The first step that failed is the cause; what lies behind it was not reached."""
    with serving_in_thread(Endpoint(answering, [])) as url:
        report = await probed(url)
    assert failed(report) == [step]
    assert says in str(report.cause)
    assert report.next_step


@pytest.mark.anyio
async def test_no_secret_where_one_is_wanted() -> None:
    """A 401 to a hook without a secret says that it has none."""
    with serving_in_thread(Endpoint(lambda _: PlainTextResponse("no", 401), [])) as url:
        report = await probed(url, auth=None)
    assert "the hook has none" in str(report.cause)


@pytest.mark.anyio
@pytest.mark.parametrize("is_ours", [True, False])
async def test_a_secret_that_stays_here_is_not_called_wrong(is_ours: bool) -> None:
    """A hook's secret goes to a URL of ours alone; without it, a 401 says nothing about it."""
    endpoint = Endpoint(lambda _: PlainTextResponse("no", 401), [])
    with serving_in_thread(endpoint) as url:
        hook = read_event_hook(FakeOrg().add(body_of(WANTED, description=None)))
        target = target_of(replace(hook, url=url, auth_field="x-key"), AUTH, is_ours=is_ours)
        async with HttpClient(user_agent="okhook/tests") as http:
            report = await probe(http, target, SANDBOX)
    [sent] = endpoint.seen
    assert (sent.get("x-key") == SECRET) is is_ours
    assert SECRET not in sent.get("authorization", "")
    says = "does not accept the secret" if is_ours else "which okhook does not know"
    assert says in str(report.cause)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "kind", "body", "says"),
    [
        (
            403,
            "text/html",
            "<title>Attention Required!</title>",
            "something in front of it refuses",
        ),
        (401, "text/html; charset=utf-8", "<title>Sign in</title>", "something in front of it"),
        (403, "application/json", '{"message": "Forbidden"}', "it, or something in front of it,"),
        (403, "text/plain", "", "it, or something in front of it,"),
    ],
)
async def test_a_refusal_in_front_of_the_endpoint_is_no_wrong_secret_field_19(
    status: int, kind: str, body: str, says: str
) -> None:
    """The page and the server are named, and a missing secret is one possibility."""
    headers = {"server": "cloudflare"}
    answering = lambda _: Response(body, status, headers, kind)  # noqa: E731
    with serving_in_thread(Endpoint(answering, [])) as url:
        report = await probed(url, auth=None)
    cause = str(report.cause)
    assert f"HTTP {status}: {says}" in cause
    assert "the server is cloudflare" in cause
    assert ("the page is titled" in cause) == ("<title>" in body)
    assert "or it requires a secret, but the hook has none" in cause
    assert "firewall" in report.next_step


def test_a_target_is_what_the_org_calls() -> None:
    """The hook's own headers, but none that no request can carry; no secret where it has none."""
    hook = read_event_hook(FakeOrg().add(body_of(replace(WANTED, auth=None), description=None)))
    odd = (("X-Stage", "test"), ("Host", "h"), ("a b", "c"), ("X-Line", "a\r\nb"), ("X-U", "ü"))
    target = target_of(replace(hook, headers=odd), AUTH, is_ours=True)
    assert target == ProbeTarget(hook.url, (("X-Stage", "test"),))


@pytest.mark.anyio
async def test_an_endpoint_that_echoes_headers_shows_no_secret() -> None:
    """What an endpoint answers is shown without the secret, wherever it was cut."""

    def echoing(request: Request) -> Response:
        return PlainTextResponse("x" * 190 + json.dumps(dict(request.headers)), 500,
                                 {"server": request.headers["authorization"]})  # fmt: skip

    with serving_in_thread(Endpoint(echoing, [])) as url:
        report = await probed(url)
    assert SECRET not in repr(report)
    assert SECRET[:10] not in repr(report)


class HangUp(socketserver.BaseRequestHandler):
    """Takes a request and closes the connection."""

    def handle(self) -> None:
        self.request.recv(10_000)


@contextmanager
def hanging_up() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.anyio
async def test_an_endpoint_that_hangs_up() -> None:
    """A connection that breaks before an answer is told apart from one that is refused."""
    with hanging_up() as url:
        report = await probed(url)
    assert failed(report) == ["answer"]
    assert "closed before a response" in str(report.cause)


@pytest.mark.anyio
async def test_an_endpoint_without_tls() -> None:
    """https to a port that speaks plain HTTP fails at TLS, and not before."""
    with serving_in_thread(Endpoint(right, [])) as url:
        report = await probed(url.replace("http:", "https:"))
    assert failed(report) == ["TLS"]


@pytest.mark.anyio
async def test_a_port_that_nobody_listens_on() -> None:
    """A refused connection is the cause, and the rest was not reached."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        report = await probed(f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert failed(report) == ["connection"]
    assert report.steps[-1].ok is None


@pytest.mark.anyio
async def test_a_slow_endpoint_is_told_from_a_silent_one() -> None:
    """One that answers after Okta's 3 s is waited for, and its time is the cause."""

    class Late:
        async def send(
            self, *_: object, headers: list[tuple[str, str]], timeout_s: float
        ) -> Answer:
            if timeout_s <= TIMEOUT_S:
                raise TimedOut("u", "no answer within 3 s")
            challenge = dict(headers)[CHALLENGE_HEADER]
            body = json.dumps({"verification": challenge}).encode()
            return Answer(200, (("content-type", "application/json"),), body, 4.2)

    late: Any = Late()
    report = await probe(late, ProbeTarget("https://h.example.com/"), ORG)
    assert failed(report) == ["time"]
    assert "4.20 s" in str(report.cause)


def diagnosis(url: str, outcome: Answer | HttpError, org: Org = ORG) -> ProbeReport:
    return diagnosed(ProbeTarget(url, auth=AUTH), outcome, org=org, challenge=CHALLENGE)


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        (NameNotFound, "DNS"),
        (ConnectionFailed, "connection"),
        (TlsFailed, "TLS"),
        (TimedOut, "answer"),
        (AnswerLost, "answer"),
        (HttpError, "connection"),
    ],
)
def test_every_fault_of_the_network_has_its_step(fault: type[HttpError], step: str) -> None:
    """No answer: the step that failed is named, and those after it were not reached."""
    report = diagnosis("https://h.example.com/", fault("https://h.example.com/", "\x1b[31mreason"))
    assert failed(report) == [step]
    assert "\\x1b[31mreason" in str(report.cause)
    assert [s.name for s in report.steps] == ["DNS", "connection", "TLS", "answer"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://192.168.1.7/", "https://localhost/"]
)
def test_an_address_of_this_network_is_the_cause_by_itself(url: str) -> None:
    """However well it answers here, a real org cannot reach it."""
    body = json.dumps({"verification": CHALLENGE}).encode()
    fine = Answer(200, (("content-type", "application/json"),), body, 0.1)
    report = diagnosis(url, fine)
    assert "cannot reach" in str(report.cause)
    assert "okhook tunnel" in report.next_step


def test_who_answered_is_told_and_not_guessed() -> None:
    """Hookdeck by its headers, others by what they call themselves, else nobody."""

    def who(*headers: tuple[str, str]) -> str | None:
        return diagnosis("https://h.example.com/", Answer(404, headers, b"", 0.1)).answered_by

    assert who(("X-Hookdeck-Request-Id", "1"), ("server", "cloud")) == "Hookdeck"
    assert who(("server", "nginx\x1b[2J")) == "the server nginx\\x1b[2J"
    assert who() is None
