"""The ASGI app that Okta calls: reads requests within bounds, and leaves decisions to the inbox."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import final

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from okhook.activity import Activity, RequestRefused
from okhook.delivery import InboundRequest
from okhook.receiver.auth import check
from okhook.receiver.inbox import Inbox, InboxAnswer
from okhook.secret import HookAuth
from okhook.version import __version__

RECEIVER_HEADER = "X-Okhook-Receiver"
"""Marks every answer, so that whoever probes the URL knows that it reached this receiver."""


@dataclass(frozen=True, slots=True)
class ReceiverLimits:
    """What a request may take. Hookdeck and Okta stay far below the size."""

    body_bytes: int = 10 * 1024 * 1024
    body_timeout_s: float = 10.0


class _Refused(Exception):
    """The request cannot be read: the status and the reason that go back."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@final
class ReceiverApp:
    """Serves one path. ``publish`` is called after the answer has left."""

    def __init__(
        self,
        *,
        path: str,
        inbox: Inbox,
        auth: HookAuth | None,
        publish: Callable[[Activity], None],
        now: Callable[[], datetime],
        limits: ReceiverLimits,
    ) -> None:
        self._path = path
        self._inbox = inbox
        self._auth = auth
        self._publish = publish
        self._now = now
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; anything else that a server may offer is not for us."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if scope["path"] != self._path:
            await self._answer_unkept(request, 404, "the hook is not at this path", send)
            return
        answer = await self._answer(request)
        await self._send(answer, scope, receive, send)
        self._publish(answer.told)

    async def _answer(self, request: Request) -> InboxAnswer:
        inbound = self._inbound(request, b"")
        try:
            if request.method not in ("GET", "POST"):
                raise _Refused(405, f"{request.method} is not what Okta sends: GET or POST")
            body = await self._body(request)
        except _Refused as refused:
            auth = check(inbound.headers, self._auth)
            return await self._inbox.refuse(inbound, refused.status, refused.reason, auth)
        return await self._inbox.receive(self._inbound(request, body))

    async def _body(self, request: Request) -> bytes:
        limit_bytes = self._limits.body_bytes
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit_bytes:
            raise _Refused(413, f"the body is over {limit_bytes} bytes")
        chunks = bytearray()
        try:
            with anyio.fail_after(self._limits.body_timeout_s):
                async for chunk in request.stream():
                    chunks += chunk
                    if len(chunks) > limit_bytes:
                        raise _Refused(413, f"the body is over {limit_bytes} bytes")
        except TimeoutError:
            limit_s = self._limits.body_timeout_s
            raise _Refused(408, f"the body did not arrive within {limit_s:g} s") from None
        except ClientDisconnect:
            raise _Refused(408, "the connection closed before the whole body arrived") from None
        return bytes(chunks)

    def _inbound(self, request: Request, body: bytes) -> InboundRequest:
        return InboundRequest(
            method=request.method,
            path=_target(request),
            headers=tuple((bytes(name), bytes(value)) for name, value in request.headers.raw),
            body=body,
            received_at=self._now(),
        )

    async def _answer_unkept(self, request: Request, status: int, reason: str, send: Send) -> None:
        told = RequestRefused(None, self._now(), request.method, _target(request), status, reason)
        answer = InboxAnswer(status, json.dumps({"error": reason}).encode(), told)
        await self._send(answer, request.scope, request.receive, send)
        self._publish(told)

    async def _send(self, answer: InboxAnswer, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {RECEIVER_HEADER: __version__}
        if answer.body:
            headers["Content-Type"] = "application/json"
        if answer.status == 405:
            headers["Allow"] = "GET, POST"
        if answer.status in (408, 413):
            headers["Connection"] = "close"
        await Response(answer.body, answer.status, headers)(scope, receive, send)


def _target(request: Request) -> str:
    """Return path and query as they were sent, without a byte that is not text."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope.get("query_string", b"")
    return (raw + b"?" + query if query else raw).decode("latin-1")
