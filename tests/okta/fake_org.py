"""An org that the tests own: the Event Hooks API as an ASGI app, with faults to order.

Written from Okta's facts, independently of the sandbox and of the client, so that a mistake in one
of them shows.
"""

import copy
import itertools
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import anyio
import anyio.from_thread
import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from okhook.runtime.server import serving
from okhook.runtime.sockets import listen, url_of
from tests.support.okhook_process import PATIENCE_S

JsonObject = dict[str, Any]
TOKEN = "00tests-own-token-0123456789"


@dataclass(frozen=True)
class Seen:
    """A request that the org was sent."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers if k == name), None)

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


class CutOff(Exception):
    """The connection is to break now."""


Fault = Callable[["FakeOrg", Request], Awaitable[Response | None]]
"""Answers in place of the org, or returns None to let it go on."""


@dataclass
class FakeOrg:
    """Hooks, requests and the faults of the next calls. ``verifies`` decides about an endpoint."""

    hooks: dict[str, JsonObject] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    verifies: Callable[[JsonObject], bool] = lambda _: True
    now: datetime = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
    url: str = "http://127.0.0.1:1"
    secrets: dict[str, str | None] = field(default_factory=dict)

    @property
    def writes(self) -> list[Seen]:
        return [request for request in self.seen if request.is_write]

    def fail_next(self, method_and_path: str, *faults: Fault) -> None:
        """Let the next calls that start like ``POST /api/v1/eventHooks`` meet these faults."""
        self.faults += [(method_and_path, fault) for fault in faults]

    def only_hook(self) -> JsonObject:
        [hook] = self.hooks.values()
        return hook

    def add(self, body: JsonObject, hook_id: str | None = None, **changes: str) -> JsonObject:
        """Put a hook there as somebody else would have: without a request."""
        ids = (f"who{number:017d}" for number in itertools.count(len(self.hooks)))
        hook_id = hook_id or next(each for each in ids if each not in self.hooks)
        hook = self._stored(hook_id, body)
        hook.update(changes)
        self.hooks[hook["id"]] = hook
        return hook

    def touch(self, hook: JsonObject) -> None:
        """Let time pass and the hook be changed by somebody."""
        self.now += timedelta(seconds=7)
        hook["lastUpdated"] = self._stamp()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        request = Request(scope, receive)
        body = await request.body()
        path = request.url.path
        headers = tuple((k.decode(), v.decode("latin-1")) for k, v in scope["headers"])
        self.seen.append(Seen(request.method, path, headers, body))
        try:
            response = await self._faulty(request) or self._answer(request.method, path, body)
        except CutOff:
            if scope.get("extensions") is None or "http.response.debug" in scope["extensions"]:
                raise httpx.ReadError("cut off") from None
            await self._half_an_answer(send)
            raise
        response.headers.setdefault("date", format_datetime(self.now, usegmt=True))
        await response(scope, receive, send)

    async def _half_an_answer(self, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})

    async def _faulty(self, request: Request) -> Response | None:
        called = f"{request.method} {request.url.path}"
        for number, (prefix, fault) in enumerate(self.faults):
            if called.startswith(prefix):
                del self.faults[number]
                return await fault(self, request)
        return None

    def carry_out(self, request: Request) -> Response:
        return self._answer(request.method, request.url.path, self.seen[-1].body)

    def _answer(self, method: str, path: str, body: bytes) -> Response:
        seen = self.seen[-1]
        if seen.header("authorization") != f"SSWS {TOKEN}":
            return error(401, "E0000011", "Invalid token provided")
        parts = path.removeprefix("/api/v1/eventHooks").strip("/").split("/")
        if not path.startswith("/api/v1/eventHooks"):
            return error(404, "E0000022", "The endpoint does not support the provided HTTP method")
        if parts == [""]:
            return self._collection(method, body)
        hook = self.hooks.get(parts[0])
        if hook is None:
            return error(404, "E0000007", f"Not found: Resource not found: {parts[0]} (Webhook)")
        if parts[1:2] == ["lifecycle"]:
            if seen.header("content-length") != "0":
                return error(411, "E0000009", "length required")
            return self._lifecycle(hook, parts[2])
        return self._one(method, hook, body)

    def _collection(self, method: str, body: bytes) -> Response:
        if method == "GET":
            return JSONResponse([shown(hook) for hook in self.hooks.values()])
        hook = self.add(json.loads(body))
        return JSONResponse(shown(hook))

    def _one(self, method: str, hook: JsonObject, body: bytes) -> Response:
        if method == "PUT":
            fresh = self._stored(hook["id"], json.loads(body))
            same = json.dumps(fresh["channel"]) == json.dumps(hook["channel"])
            kept = {"status": hook["status"], "created": hook["created"]}
            if same:
                kept["verificationStatus"] = hook["verificationStatus"]
            hook.update({**fresh, **kept})
            self.touch(hook)
        if method == "DELETE" and hook["status"] == "ACTIVE":
            return error(400, "E0000001", "Api validation failed: eventHook", "still active")
        if method == "DELETE":
            del self.hooks[hook["id"]]
            return Response(status_code=204)
        return JSONResponse(shown(hook))

    def _lifecycle(self, hook: JsonObject, step: str) -> Response:
        if step == "verify":
            if not self.verifies(hook):
                cause = f"Unable to verify event hook. Hook {hook['name']} execution failed"
                return error(400, "E0000001", "Api validation failed: eventHook", cause)
            hook["verificationStatus"] = "VERIFIED"
        else:
            hook["status"] = {"activate": "ACTIVE", "deactivate": "INACTIVE"}[step]
        self.touch(hook)
        return JSONResponse(shown(hook))

    def _stored(self, hook_id: str, body: JsonObject) -> JsonObject:
        body = copy.deepcopy(body)
        scheme = body["channel"]["config"].get("authScheme")
        self.secrets[hook_id] = scheme["value"] if scheme else None
        events = {**body["events"], "items": sorted(body["events"]["items"])[::-1]}
        return {
            "id": hook_id,
            "status": "ACTIVE",
            "verificationStatus": "UNVERIFIED",
            "name": body["name"],
            "description": body.get("description"),
            "created": self._stamp(),
            "lastUpdated": self._stamp(),
            "events": {"filter": None, **events},
            "channel": body["channel"],
        }

    def _stamp(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def shown(hook: JsonObject) -> JsonObject:
    """Return the hook as the API gives it: without the secret."""
    hook = copy.deepcopy(hook)
    scheme = hook["channel"]["config"].get("authScheme")
    if scheme:
        scheme.pop("value", None)
    return hook


def error(
    status: int, code: str, summary: str, *causes: str, headers: dict[str, str] | None = None
) -> Response:
    """Return Okta's error envelope."""
    envelope = {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oaeTests",
        "errorCauses": [{"errorSummary": cause} for cause in causes],
    }
    return JSONResponse(envelope, status_code=status, headers=headers)


def answering(response: Callable[[], Response]) -> Fault:
    """Return the fault that answers with ``response`` and carries nothing out."""

    async def fault(org: FakeOrg, request: Request) -> Response | None:
        return response()

    return fault


def server_error() -> Fault:
    """Return the fault that is a 500 of Okta's."""
    return answering(lambda: error(500, "E0000009", "Internal Server Error"))


def too_many(reset_in_s: int) -> Fault:
    """Return the fault that is a 429 whose limit is reset ``reset_in_s`` after its ``Date``."""

    async def fault(org: FakeOrg, request: Request) -> Response | None:
        reset = str(int(org.now.timestamp()) + reset_in_s)
        return error(
            429, "E0000047", "API call exceeded rate limit", headers={"X-Rate-Limit-Reset": reset}
        )

    return fault


async def cut_after_carrying_out(org: FakeOrg, request: Request) -> Response | None:
    """Do what is asked, and break the connection before the answer."""
    org.carry_out(request)
    raise CutOff


async def cut_before(org: FakeOrg, request: Request) -> Response | None:
    """Break the connection without having done anything."""
    raise CutOff


async def failing_after_carrying_out(org: FakeOrg, request: Request) -> Response | None:
    """Do what is asked, and answer 500 all the same."""
    org.carry_out(request)
    return error(500, "E0000009", "Internal Server Error")


async def never(org: FakeOrg, request: Request) -> Response | None:
    """Do not answer."""
    await anyio.sleep_forever()
    return None


@contextmanager
def running_in_thread(org: FakeOrg) -> Iterator[str]:
    """Serve the org on a loopback port from a thread, for commands that are processes."""
    with serving_in_thread(org) as url:
        org.url = url
        org.now = datetime.now(UTC)
        yield url


@contextmanager
def serving_in_thread(app: ASGIApp) -> Iterator[str]:
    """Serve an ASGI app on a loopback port from a thread, and return its address."""
    listener = listen("127.0.0.1", 0)
    url = url_of(listener)
    started = threading.Event()
    stop: list[Callable[[], None]] = []

    async def serve() -> None:
        done = anyio.Event()
        async with (
            serving(app, listener, lambda _: None),
            anyio.from_thread.BlockingPortal() as portal,
        ):
            stop.append(lambda: portal.call(done.set))
            started.set()
            await done.wait()

    thread = threading.Thread(target=lambda: anyio.run(serve), daemon=True)
    thread.start()
    assert started.wait(PATIENCE_S)
    try:
        yield url
    finally:
        stop[0]()
        thread.join(PATIENCE_S)
