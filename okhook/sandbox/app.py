"""The front of the org's API: who calls, how often, and Okta's headers on every answer."""

import secrets
from typing import final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from okhook.sandbox.activities import ApiCalled
from okhook.sandbox.callers import Callers
from okhook.sandbox.exchange import with_cause
from okhook.sandbox.fault_injection import FaultInjection
from okhook.sandbox.log_entries import Cause
from okhook.sandbox.oauth import TOKEN_PATH
from okhook.sandbox.rate_limit import RateMeter
from okhook.sandbox.refusals import (
    SYNTHETIC_HEADER,
    ApiRefusal,
    internal_error,
    length_required,
    method_not_supported,
    path_not_found,
    too_many_requests,
)
from okhook.sandbox.surroundings import Surroundings
from okhook.wire.envelope import body_of

_ENDPOINTS = ("/api/v1/eventHooks", "/api/v1/groups", "/api/v1/logs", "/api/v1/users", TOKEN_PATH)
_LONGEST_SHOWN = 300


@final
class SandboxApp:
    """Serves ``routes``. What happened is published once an answer has left."""

    def __init__(
        self,
        *,
        routes: list[Route],
        callers: Callers,
        meter: RateMeter,
        faults: FaultInjection,
        around: Surroundings,
    ) -> None:
        self._routes = routes
        self._router = Router(routes, redirect_slashes=False)
        self._callers = callers
        self._meter = meter
        self._faults = faults
        self._around = around

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; anything else that a server may offer is not for us."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        allowance = self._faults.allowance(
            request, self._meter.count(_endpoint_of(request.url.path), self._around.now())
        )
        request_id = self._around.new_request_id()
        send = self._faults.spoiling(request, send)
        answer = _Answer(send, [("X-Okta-Request-Id", request_id), *allowance.headers()])
        refusal: ApiRefusal | None = None
        try:
            if allowance.exceeded:
                raise too_many_requests()
            self._faults.refuse(request)
            await self._route(request, request_id, answer)
        except ApiRefusal as error:
            refusal = error
        except HTTPException as error:
            refusal = self._unrouted(request, error)
        except ClientDisconnect:
            return
        except Exception as error:
            bug = internal_error(type(error).__name__)
            if not answer.begun:
                await self._refuse(request, bug, answer)
            self._tell(request, answer.status, bug, request_id)
            raise
        if refusal is not None:
            await self._refuse(request, refusal, answer)
        self._tell(request, answer.status, refusal, request_id)

    def _tell(
        self, request: Request, status: int, refusal: ApiRefusal | None, request_id: str
    ) -> None:
        self._around.publish(
            ApiCalled(
                at=self._around.now(),
                method=request.method,
                path=_target(request),
                status=status,
                error_code=None if refusal is None else refusal.code,
                request_id=request_id,
            )
        )

    async def _route(self, request: Request, request_id: str, answer: "_Answer") -> None:
        caller = self._callers.admit(request)
        if _is_lifecycle(request) and "content-length" not in request.headers:
            raise length_required()
        cause = Cause(
            request_id=request_id,
            path=request.url.path,
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
            token_id=caller.token_id,
            client_id=caller.client_id,
        )
        scope = with_cause({**request.scope, "app": self}, cause)
        await self._router(scope, request.receive, answer.send)

    def _unrouted(self, request: Request, error: HTTPException) -> ApiRefusal:
        if error.status_code != 405:
            return path_not_found(_target(request))
        path = request.scope["path"]
        methods = {
            method
            for route in self._routes
            if route.path_regex.match(path)
            for method in route.methods or ()
        }
        return method_not_supported(", ".join(sorted(methods)))

    async def _refuse(self, request: Request, refusal: ApiRefusal, answer: "_Answer") -> None:
        error_id = f"oae{secrets.token_urlsafe(16)}"
        response = Response(
            body_of(refusal.body(error_id)),
            refusal.status,
            refusal.headers,
            media_type="application/json",
        )
        if refusal.synthetic:
            response.headers[SYNTHETIC_HEADER] = "1"
        await response(request.scope, request.receive, answer.send)


@final
class _Answer:
    """The way back to the client, on which every answer gets its headers."""

    def __init__(self, send: Send, headers: list[tuple[str, str]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0

    @property
    def begun(self) -> bool:
        """Whether the status has left already."""
        return self.status != 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers:
                headers.append(name, value)
        await self._send(message)


def _endpoint_of(path: str) -> str:
    """Return what a call counts as; all that is no endpoint counts as one."""
    return next((known for known in _ENDPOINTS if path.startswith(known)), "other")


def _is_lifecycle(request: Request) -> bool:
    return request.method == "POST" and "/lifecycle/" in request.url.path


def _target(request: Request) -> str:
    """Return path and query as they were sent, cut where they are long."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope.get("query_string", b"")
    return (raw + b"?" + query if query else raw).decode("latin-1")[:_LONGEST_SHOWN]
