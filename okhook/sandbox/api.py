"""The ASGI app of the org's API: authentication, rate limits, routes and Okta's headers."""

import secrets
from collections.abc import Sequence
from dataclasses import KW_ONLY, InitVar, dataclass, replace
from email.utils import format_datetime
from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from okhook.runtime.ids import new_okta_id
from okhook.sandbox import refusals
from okhook.sandbox.activities import ApiCalled
from okhook.sandbox.call import Call, Endpoint
from okhook.sandbox.faults import FaultInjection, RateMeter
from okhook.sandbox.log_entries import Cause
from okhook.sandbox.oauth.proofs import ArrivingCall
from okhook.sandbox.oauth.server import TOKEN_PATH, OAuthServer
from okhook.sandbox.okta_paths import okta_methods
from okhook.sandbox.org import Org, new_request_id
from okhook.sandbox.refusals import SYNTHETIC_HEADER, ApiRefusal
from okhook.sandbox.routes_sign_in import SIGN_IN_PATH
from okhook.secret import Secret
from okhook.wire.delivery import body_of

_RATE_LIMITED = (
    *(f"/api/v1/{name}" for name in ("eventHooks", "groups", "logs", "users")),
    TOKEN_PATH,
)
_LONGEST_SHOWN = 300
_SSWS = "ssws"
_OAUTH_SCHEMES = ("bearer ", "dpop ")


@dataclass
class SandboxApi:
    """Serves ``endpoints``, and publishes each call after its answer."""

    org: Org
    endpoints: InitVar[Sequence[Endpoint]]
    _: KW_ONLY
    token: Secret
    oauth: OAuthServer
    meter: RateMeter
    faults: FaultInjection

    def __post_init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._token_id = new_okta_id("00T")
        self._routes = [Route(path, answer, methods=[method]) for method, path, answer in endpoints]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; ignore other kinds of connections."""
        if scope["type"] != "http":
            return
        request, request_id = Request(scope, receive), new_request_id()
        path = request.url.path
        endpoint = next((known for known in _RATE_LIMITED if path.startswith(known)), "other")
        count = self.meter.count(endpoint, self.org.now())
        allowance = self.faults.allowance(request, count)
        date = format_datetime(self.org.now(), usegmt=True)
        headers = [("Date", date), ("X-Okta-Request-Id", request_id), *allowance.headers()]
        finish = partial(self._finish, request, self.faults.spoiling(request, send), headers)
        try:
            if allowance.exceeded:
                raise refusals.too_many_requests()
            self.faults.refuse(request)
            answer: Response | ApiRefusal = await self.response(request, request_id)
        except ClientDisconnect:
            return
        except ApiRefusal as refusal:
            answer = refusal
        except Exception as error:
            await finish(refusals.internal_error(type(error).__name__))
            raise
        await finish(answer)

    async def _finish(
        self,
        request: Request,
        send: Send,
        headers: Sequence[tuple[str, str]],
        answer: Response | ApiRefusal,
    ) -> None:
        refusal = answer if isinstance(answer, ApiRefusal) else None
        response = _refused(answer) if isinstance(answer, ApiRefusal) else answer
        for name, value in headers:
            response.headers.append(name, value)
        await response(request.scope, request.receive, send)
        self.org.publish(
            ApiCalled(
                at=self.org.now(),
                method=request.method,
                path=_target(request),
                status=response.status_code,
                error_code=None if refusal is None else refusal.code,
                request_id=response.headers["X-Okta-Request-Id"],
            )
        )

    def _admit(self, request: Request, request_id: str) -> Cause:
        """Return the caller; raise ``ApiRefusal`` if it is unknown or has no permission."""
        cause = Cause(
            request_id=request_id,
            path=request.url.path,
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
        )
        if _path(request) in (TOKEN_PATH, SIGN_IN_PATH):
            return cause
        authorization = request.headers.get("authorization")
        if authorization is not None and authorization.lower().startswith(_OAUTH_SCHEMES):
            client_id = self.oauth.client_of(authorization, ArrivingCall.of(request))
            return replace(cause, client_id=client_id)
        if authorization is None or not authorization.lower().startswith(_SSWS):
            raise refusals.not_authenticated()
        # okta-sdk-python 3.4.6 sends ``SSWS<token>``, without a space, with writes.
        candidate = authorization[len(_SSWS) :].strip().encode("latin-1", "replace")
        if not self.token.matches(candidate):
            raise refusals.invalid_token()
        return replace(cause, token_id=self._token_id)

    async def response(self, request: Request, request_id: str) -> Response:
        """Return the answer to a call, without rate limits and faults, or raise ``ApiRefusal``."""
        cause = self._admit(request, request_id)
        is_lifecycle = request.method == "POST" and "/lifecycle/" in request.url.path
        if is_lifecycle and "content-length" not in request.headers:
            raise refusals.length_required()
        route, path_params = self._route_of(request)
        response: Response = await route.endpoint(Call(self.org, request, path_params, cause))
        return response

    def _route_of(self, request: Request) -> tuple[Route, dict[str, str]]:
        methods: set[str] = set()
        # Okta's Python SDK 2.x writes a slash before the query, and Okta takes it.
        scope = {**request.scope, "path": _path(request)}
        for route in self._routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return route, child["path_params"]
            if match is Match.PARTIAL:
                methods |= route.methods or set()
        known = okta_methods(_path(request))
        if request.method in known:
            raise refusals.feature_missing()
        methods.update(known)
        if methods:
            raise refusals.method_not_supported(", ".join(sorted(methods)))
        raise refusals.not_found(_target(request), "Endpoint", synthetic=True)


def _refused(refusal: ApiRefusal) -> Response:
    content = body_of(refusal.body(f"oae{secrets.token_urlsafe(16)}"))
    response = Response(content, refusal.status, refusal.headers, media_type="application/json")
    if refusal.synthetic:
        response.headers[SYNTHETIC_HEADER] = "1"
    return response


def _path(request: Request) -> str:
    """Return the decoded path without a slash at its end.

    The path in Starlette's ``request.url`` is not decoded where a login has a ``#`` or a ``?``.
    """
    path: str = request.scope["path"]
    return path.removesuffix("/")


def _target(request: Request) -> str:
    """Return the path and query as sent, cut to a length that a line can show."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope.get("query_string", b"")
    return (raw + b"?" + query if query else raw).decode("latin-1")[:_LONGEST_SHOWN]
