"""The ASGI app that Okta calls: reads requests within limits, and passes them to the inbox.

It uses plain ASGI. Starlette's request and response would take a third of the time of a delivery.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from okhook.activity import Activity
from okhook.receiver.inbox import Inbox, InboxAnswer, error_body
from okhook.records.activities import RequestRefused
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.request_body import WHOLE_BODY, declared_bytes, refusal_of
from okhook.version import __version__
from okhook.wire.delivery import InboundRequest
from okhook.wire.url import normal_path

_SIGNATURE = (b"x-okhook-receiver", __version__.encode())
"""Marks every answer, so that a probe of the URL can recognise this receiver."""

_BODY_LIMIT_BYTES = 10 * 1024 * 1024
"""Far more than Okta and Hookdeck send."""

_BODY_TIMEOUT_S = 10.0
_DISCONNECTED = 408, "the connection closed before the whole body arrived"


class _Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(eq=False, slots=True)
class ReceiverApp:
    """Serves one path. ``publish`` gets the requests that are not stored, after their answer."""

    path: str
    inbox: Inbox
    publish: Callable[[Activity], None]
    now: Callable[[], datetime]
    counters: ServiceCounters
    _deadline: "BodyDeadline" = field(default_factory=lambda: BodyDeadline(_BODY_TIMEOUT_S))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; ignore other kinds of connection."""
        if scope["type"] != "http":
            return
        began = time.monotonic()
        if self._is_own(_raw_path(scope)):
            answer = await self._answer(scope, receive)
        else:
            answer = self._elsewhere(scope)
        await _send(answer, send)
        self.counters.answered(answer.status, time.monotonic() - began)
        if answer.unkept is not None:
            self.publish(answer.unkept)

    def _is_own(self, path: str) -> bool:
        """Return whether ``path`` is the hook's path, in any spelling."""
        return path == self.path or normal_path(path) == normal_path(self.path)

    async def _answer(self, scope: Scope, receive: Receive) -> InboxAnswer:
        method: str = scope["method"]
        try:
            if method not in ("GET", "POST"):
                raise _Refused(405, f"the method is {method}: expected GET or POST")
            body = await self._body(scope, receive)
        except _Refused as refused:
            inbound = self._inbound(scope, b"")
            return await self.inbox.refuse(inbound, refused.status, str(refused))
        return await self.inbox.receive(self._inbound(scope, body))

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        if WHOLE_BODY in scope.get("state", ()):
            return await _whole_body(scope, receive)
        watched = self._deadline.watch()
        try:
            return await _whole_body(scope, receive)
        except asyncio.CancelledError:
            if not watched.expired:
                raise
            watched.task.uncancel()
            reason = f"the body did not arrive within {_BODY_TIMEOUT_S:g} s"
            raise _Refused(408, reason) from None
        finally:
            self._deadline.leave(watched)

    def _inbound(self, scope: Scope, body: bytes) -> InboundRequest:
        return InboundRequest(
            scope["method"], _target(scope), tuple(scope["headers"]), body, self.now()
        )

    def _elsewhere(self, scope: Scope) -> InboxAnswer:
        reason = "the hook is not at this path"
        request = InboundRequest(scope["method"], _target(scope), (), b"", self.now())
        return InboxAnswer(404, error_body(reason), RequestRefused(None, request, 404, reason))


async def _whole_body(scope: Scope, receive: Receive) -> bytes:
    if declared_bytes(scope["headers"]) > _BODY_LIMIT_BYTES:
        raise _body_over_limit()
    message = await receive()
    first = _chunk(message, scope)
    if not message.get("more_body", False) and len(first) <= _BODY_LIMIT_BYTES:
        return first
    body = bytearray(first)
    while message.get("more_body", False) and len(body) <= _BODY_LIMIT_BYTES:
        message = await receive()
        body += _chunk(message, scope)
    if len(body) > _BODY_LIMIT_BYTES:
        raise _body_over_limit()
    return bytes(body)


def _body_over_limit() -> _Refused:
    return _Refused(413, f"the body is over {_BODY_LIMIT_BYTES} bytes")


def _chunk(message: Message, scope: Scope) -> bytes:
    if message["type"] == "http.disconnect":
        raise _Refused(*(refusal_of(scope) or _DISCONNECTED))
    chunk: bytes = message.get("body", b"")
    return chunk


async def _send(answer: InboxAnswer, send: Send) -> None:
    headers = [_SIGNATURE]
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.body:
        headers.append((b"content-type", b"application/json"))
    if answer.status == 405:
        headers.append((b"allow", b"GET, POST"))
    if answer.status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _target(scope: Scope) -> str:
    """Return path and query as received, each byte as one character."""
    query: bytes = scope.get("query_string", b"")
    path = _raw_path(scope)
    return f"{path}?{query.decode('latin-1')}" if query else path


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1")


_LOOKS_PER_LIMIT = 10


@dataclass(eq=False, slots=True)
class Watched:
    """A body that ``task`` reads until ``deadline`` at the latest."""

    task: "asyncio.Task[Any]"
    deadline: float
    expired: bool = False


class BodyDeadline:
    """Cancels a task that reads a body for longer than ``limit_s``, to a tenth of that."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._watched: dict[Watched, None] = {}
        self._looks = False

    def watch(self) -> Watched:
        """Start the time limit for the current task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("watch() needs a running task")
        loop = task.get_loop()
        watched = Watched(task, loop.time() + self._limit_s)
        self._watched[watched] = None
        if not self._looks:
            self._looks = True
            loop.call_later(self._limit_s / _LOOKS_PER_LIMIT, self._look, loop)
        return watched

    def leave(self, watched: Watched) -> None:
        """End the time limit."""
        self._watched.pop(watched, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for watched in [each for each in self._watched if each.deadline <= now]:
            watched.expired = True
            watched.task.cancel()
        self._looks = bool(self._watched)
        if self._looks:
            loop.call_later(self._limit_s / _LOOKS_PER_LIMIT, self._look, loop)
