"""``Deliverer``: what a receiver gets, and what Okta sees of it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any
from wsgiref.validate import validator

import psutil
import pytest
from starlette.requests import Request
from starlette.responses import Response

from okhook.testing import Deliverer, LifespanFailed, Receiver, delivery, event
from tests.sandbox.rig import echo_then
from tests.support.answering import answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port
from tests.testing.apps import Seen, app_of_messages, asgi_app, wsgi_app

Answering = Callable[[Request], Awaitable[Response]]


@pytest.fixture
def deliver() -> Iterator[Deliverer]:
    with Deliverer() as delivering:
        yield delivering


def answers(*statuses: int) -> Answering:
    """Answer with the statuses in their order."""
    left = list(statuses)

    async def answering(_: Request) -> Response:
        return Response(status_code=left.pop(0))

    return answering


def test_an_asgi_app_gets_what_okta_sends(deliver: Deliverer) -> None:
    """Its headers and the secret, without a socket."""
    seen = Seen()
    result = deliver(asgi_app(seen), delivery(), secret="s3cret", headers={"X-Env": "test"})
    (request,) = seen.requests
    assert result.delivered
    assert result.status == 204
    assert len(request.pop("x-okta-request-id")) == 36
    assert int(request.pop("content-length")) > 1000
    assert request == {
        "host": "testserver",
        "accept": "application/json",
        "content-type": "application/json",
        "user-agent": "Okta Hook Service v1.0.0 - okhook",
        "authorization": "s3cret",
        "x-env": "test",
    }


def test_a_wsgi_app_gets_what_okta_sends(deliver: Deliverer) -> None:
    """As WSGI has it: checked by the validator of the standard library."""
    result = deliver(validator(wsgi_app), b'{"a": 1}', "/hooks/caf%C3%A9?x=1", secret="s3cret")
    environ = result.json()
    assert environ["body"] == '{"a": 1}'
    assert environ["HTTP_AUTHORIZATION"] == "s3cret"
    assert environ["HTTP_USER_AGENT"] == "Okta Hook Service v1.0.0 - okhook"
    assert environ["CONTENT_TYPE"] == "application/json"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/hooks/café"
    assert environ["QUERY_STRING"] == "x=1"
    assert result.last.header("content-type") == "application/json"


def test_a_url_gets_what_okta_sends(deliver: Deliverer) -> None:
    """With the path of the URL, or the one that is passed, or ``/hook``."""
    with answering_server(echo_then(200)) as app:
        origin = app.url.removesuffix("/hook")
        assert deliver(f"{origin}/a?b=c", delivery()).delivered
        assert deliver(origin, delivery(), "/b").delivered
        assert deliver(origin, delivery(), secret="pass", secret_header="X-Secret").delivered
    assert [asked.target for asked in app.asked] == ["/a?b=c", "/b", "/hook"]
    assert app.asked[2].header("x-secret") == "pass"


def test_okta_retries_once_after_a_5xx(deliver: Deliverer) -> None:
    """And not after a 4xx."""
    retried = deliver(asgi_app(Seen(), answers(503, 204)), delivery())
    refused = deliver(asgi_app(Seen(), answers(400)), delivery())
    assert [attempt.status for attempt in retried.attempts] == [503, 204]
    assert retried.delivered
    assert [attempt.status for attempt in refused.attempts] == [400]
    assert not refused.delivered


def test_a_late_app_goes_on_while_okta_retries(deliver: Deliverer) -> None:
    """As on a server: both attempts reach it, and both finish. It can see that nobody waits."""
    finished = []

    async def late(request: Request) -> Response:
        await request.body()
        while not await request.is_disconnected():  # noqa: ASYNC110 - as apps ask
            await asyncio.sleep(0.01)
        finished.append(request)
        return Response()

    result = deliver(asgi_app(Seen(), late), delivery(), timeout=0.2)
    errors = [attempt.error for attempt in result.attempts]
    assert errors == ["timeout: no answer within 0.2 s"] * 2
    assert (result.status, result.delivered) == (None, False)
    assert len(finished) == 2


def test_an_app_that_never_answers_is_cancelled(deliver: Deliverer) -> None:
    """The test goes on."""

    async def silent(_: Request) -> Response:
        await asyncio.sleep(3600)
        return Response()

    assert not deliver(asgi_app(Seen(), silent), delivery(), timeout=0.02).delivered


def test_an_exception_is_a_500_with_its_traceback(
    deliver: Deliverer, caplog: pytest.LogCaptureFixture
) -> None:
    """Okta sees the status; the test sees the rest, also in the log that pytest shows."""

    async def broken(_: Request) -> Response:
        raise KeyError("target")

    def broken_wsgi(_: dict[str, Any], __: Callable[..., Any]) -> Iterable[bytes]:
        raise KeyError("target")

    for app in (asgi_app(Seen(), broken), broken_wsgi):
        caplog.clear()
        result = deliver(app, delivery())
        assert [attempt.status for attempt in result.attempts] == [500, 500]
        assert isinstance(result.exception, KeyError)
        assert 'raise KeyError("target")' in result.traceback
        assert "KeyError('target')" in repr(result)
        assert caplog.text.count('raise KeyError("target")') == 2


def test_an_exception_after_the_answer_is_kept(deliver: Deliverer) -> None:
    """Okta has its 204, but the work failed."""

    async def app(scope: dict[str, Any], _receive: object, send: Callable[..., Any]) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
        raise OSError("the queue is gone")

    result = deliver(app, delivery())
    assert result.delivered
    assert str(result.exception) == "the queue is gone"


def test_half_an_answer_is_none(deliver: Deliverer) -> None:
    """An app that ends in the middle breaks the connection; one that says nothing is a 500."""

    async def half(scope: dict[str, Any], _receive: object, send: Callable[..., Any]) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def nothing(scope: dict[str, Any], _receive: object, _send: object) -> None:
        assert scope["type"] == "http"

    def nothing_wsgi(_: dict[str, Any], __: Callable[..., Any]) -> Iterable[bytes]:
        return []

    assert "connection lost" in str(deliver(half, delivery()).error)
    for app in (nothing, nothing_wsgi):
        result = deliver(app, delivery())
        assert result.status == 500
        assert "returned without an answer" in str(result.exception)


def test_work_behind_the_answer_is_done_when_the_test_goes_on(deliver: Deliverer) -> None:
    """So the test can look at its effect."""
    seen = Seen()
    assert deliver(asgi_app(seen), delivery()).delivered
    assert seen.happened == ["start", "worked"]


def test_a_lifespan_is_run_once_in_the_loop_of_its_requests() -> None:
    """For each app, until the end."""
    seen, other = Seen(), Seen()
    app = asgi_app(seen)
    with Deliverer() as deliver:
        for _ in range(3):
            deliver(app, delivery())
        deliver(asgi_app(other), delivery())
        assert deliver.verify(app).verified
        assert seen.happened == ["start", "worked", "worked", "worked"]
    assert seen.happened[-1] == other.happened[-1] == "stop"
    assert len(seen.loops) == 1


def test_a_lifespan_that_fails_says_so() -> None:
    """At the first delivery, or at the end."""
    no_start = app_of_messages({"type": "lifespan.startup.failed", "message": "no database"})
    no_stop = app_of_messages(
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.failed", "message": "still busy"},
    )
    with Deliverer() as deliver, pytest.raises(LifespanFailed, match="to start: no database"):
        deliver(no_start, delivery())
    other = Seen()
    with ExitStack() as block:
        deliver = block.enter_context(Deliverer())
        assert deliver(asgi_app(other), delivery()).delivered
        assert deliver(no_stop, delivery()).delivered
        with pytest.raises(LifespanFailed, match="to stop: still busy"):
            block.close()
    assert other.happened[-1] == "stop"


def test_a_wsgi_app_runs_in_the_thread_of_the_test(
    deliver: Deliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it sees the test's transaction. An answer that is too late is a timeout all the same."""
    threads, now_s = [], 0.0
    monkeypatch.setattr("okhook.testing.wsgi.time", SimpleNamespace(monotonic=lambda: now_s))

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal now_s
        threads.append(threading.current_thread())
        if len(threads) == 1:
            now_s += 0.3
        return wsgi_app(environ, start_response)

    result = deliver(app, delivery(), timeout=0.25)
    assert [attempt.status for attempt in result.attempts] == [None, 200]
    assert set(threads) == {threading.current_thread()}


def test_the_same_delivery_several_times(deliver: Deliverer) -> None:
    """In turn, or at once: what Okta calls at least once."""
    for concurrent in (1, 4):
        seen = Seen()
        results = deliver(asgi_app(seen), delivery(), times=8, concurrent=concurrent)
        assert [result.status for result in results] == [204] * 8
        assert len({request["x-okta-request-id"] for request in seen.requests}) == 8
        assert seen.together == concurrent


def test_a_wsgi_app_gets_several_deliveries_at_once(deliver: Deliverer) -> None:
    """In threads, as a server has them: each waits until all are there."""
    barrier = threading.Barrier(3, timeout=PATIENCE_S)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        barrier.wait()
        return wsgi_app(environ, start_response)

    results = deliver(app, delivery(), times=3, concurrent=3)
    assert [result.status for result in results] == [200] * 3


def test_a_verification_says_whether_okta_would_verify(deliver: Deliverer) -> None:
    """The status alone is not enough."""
    assert deliver.verify(asgi_app(Seen())).verified
    assert deliver.verify(wsgi_app).verified
    with answering_server(lambda _: answer(200, b'{"verification": null}')) as app:
        seen = deliver.verify(app.url)
    assert (seen.status, seen.verified) == (200, False)


def test_nobody_at_the_url_is_a_result(deliver: Deliverer) -> None:
    """Okta would see it, too."""
    result = deliver(f"http://127.0.0.1:{free_port()}", delivery())
    assert result.error == "no connection: Connection refused"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("main:app", "'main:app' is not a URL; the target must be a URL, or an ASGI or WSGI appl"),
        ("/hook", "'/hook' is not a URL"),
        (free_port, "not the function free_port: if it makes the application, call it"),
        (Seen, "not the class Seen: pass an instance of it"),
        (None, "not NoneType"),
        (type("Client", (), {"app": 1})(), r"not Client: pass its \.app"),
    ],
)
def test_a_wrong_target_says_what_is_accepted(
    deliver: Deliverer, target: object, message: str
) -> None:
    """In the words of the person's own code."""
    with pytest.raises((TypeError, ValueError), match=message):
        deliver(target, delivery())


def test_wrong_arguments_are_named(deliver: Deliverer) -> None:
    """Before anything is sent."""
    with pytest.raises(TypeError, match=r"this is an event: pass okta_delivery\(event\)"):
        deliver(wsgi_app, event())
    with pytest.raises(TypeError, match="not str"):
        deliver(wsgi_app, "user.lifecycle.create")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="a path begins with /"):
        deliver(wsgi_app, delivery(), "hook")
    with pytest.raises(ValueError, match="has a path already"):
        deliver("http://127.0.0.1/a", delivery(), "/hook")
    with pytest.raises(ValueError, match="Authorization cannot have this value"):
        deliver(wsgi_app, delivery(), secret="s\n")
    with pytest.raises(TypeError, match="the header X-Count must be a string, not int"):
        deliver(wsgi_app, delivery(), headers={"X-Count": 1})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="times=0: expected a number from 1"):
        deliver(wsgi_app, delivery(), times=0)
    with pytest.raises(ValueError, match="concurrent=True: expected a number"):
        deliver(wsgi_app, delivery(), times=2, concurrent=True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'secrets'"):
        deliver(wsgi_app, delivery(), secrets="x")  # type: ignore[call-overload]


def test_a_deliverer_can_be_used_once() -> None:
    """Without a block, nothing waits for its end."""
    seen, threads = Seen(), set(threading.enumerate())
    assert Deliverer()(asgi_app(seen), delivery()).delivered
    assert seen.happened == ["start", "worked", "stop"]
    assert set(threading.enumerate()) <= threads


def test_nothing_is_left_behind() -> None:
    """No thread and no socket."""
    process = psutil.Process()
    threads, files = set(threading.enumerate()), process.num_fds()
    with Deliverer() as deliver, Receiver() as receiver:
        deliver(asgi_app(Seen()), delivery())
        deliver(wsgi_app, delivery(), times=2, concurrent=2)
        deliver(receiver.url, delivery())
    assert set(threading.enumerate()) <= threads
    assert process.num_fds() <= files
