"""An org with OAuth in front: its token endpoint and its checks of proofs, with faults to order.

Written from RFC 6749, 7523 and 9449, with other libraries than the client uses, and independently
of the sandbox, so that a mistake in one of them shows.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import anyio.lowlevel
import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tests.okta.fake_org import TOKEN, FakeOrg

ORG_URL = "https://dev-123.okta.com"
TOKEN_URL = f"{ORG_URL}/oauth2/v1/token"
CLIENT_ID = "0oaFakeApp"

Json = dict[str, Any]
TokenFault = Callable[["FakeOAuth"], Response | None]
"""Answers a token request in place of the org, or returns None to let it go on."""


@dataclass
class Gathering:
    """Lets nobody on before ``count`` have come."""

    count: int
    come: int = 0
    complete: anyio.Event = field(default_factory=anyio.Event)

    async def pass_through(self) -> None:
        self.come += 1
        if self.come == self.count:
            self.complete.set()
        await self.complete.wait()


@dataclass
class FakeOAuth:
    """``public_key`` is the app's. ``org`` is what stands behind the checks.

    ``wants_nonce`` is the nonce that proofs for a token must carry, ``wants_api_nonce`` that of
    proofs at the API; None for none. Calls of the API are held up at the ``gathering``.
    """

    public_key: Any
    org: FakeOrg = field(default_factory=FakeOrg)
    granted: tuple[str, ...] = ("okta.eventHooks.read", "okta.eventHooks.manage")
    token_type: str = "DPoP"
    expires_in: object = 3600
    wants_nonce: str | None = "nonce-1"
    wants_api_nonce: str | None = None
    gathering: Gathering = field(default_factory=lambda: Gathering(1))
    faults: list[TokenFault] = field(default_factory=list)
    forms: list[Json] = field(default_factory=list)
    assertions: list[Json] = field(default_factory=list)
    headers: list[Json] = field(default_factory=list)
    proofs: list[Json] = field(default_factory=list)
    tokens: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        return self.org.now

    def revoke(self) -> None:
        self.tokens.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.url.path == "/oauth2/v1/token":
            body = await request.body()
            await anyio.lowlevel.checkpoint()  # as a network would: whoever else asks, may
            response = self._token(request, body)
        else:
            await self.gathering.pass_through()
            refused = self._refused(request)
            if refused is None:
                await self._behind(scope, receive, send)
                return
            response = refused
        response.headers.setdefault("date", format_datetime(self.now, usegmt=True))
        await response(scope, receive, send)

    async def _behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        headers = [*kept, (b"authorization", f"SSWS {TOKEN}".encode())]

        async def with_nonce(message: Message) -> None:
            if message["type"] == "http.response.start" and self.wants_api_nonce:
                nonce = (b"dpop-nonce", self.wants_api_nonce.encode())
                message = {**message, "headers": [*message["headers"], nonce]}
            await send(message)

        await self.org({**scope, "headers": headers}, receive, with_nonce)

    def _token(self, request: Request, body: bytes) -> Response:
        form = dict(parse_qsl(body.decode(), strict_parsing=True))
        self.forms.append(form)
        self._check_assertion(form["client_assertion"])
        if self.faults and (answer := self.faults.pop(0)(self)) is not None:
            return answer
        proof = self._proof(request, TOKEN_URL, None)
        if not 0 < self.assertions[-1]["exp"] - self.now.timestamp() <= 3600:
            return oauth_error("invalid_client", "The token is not of this time.", status=401)
        if not self._is_of_now(proof):
            return oauth_error("invalid_dpop_proof", "'iat' claim is invalid")
        if self.wants_nonce is not None and proof.get("nonce") != self.wants_nonce:
            return oauth_error("use_dpop_nonce", nonce=self.wants_nonce)
        asked = form["scope"].split()
        granted = tuple(scope for scope in asked if scope in self.granted)
        if not granted:
            return oauth_error("consent_required", "You are not allowed any of the scopes.")
        token = f"access-token-{len(self.tokens)}-{len(self.forms)}"
        self.tokens[token] = granted
        content = {"access_token": token, "token_type": self.token_type, "scope": " ".join(granted)}
        return JSONResponse({**content, "expires_in": self.expires_in})

    def _check_assertion(self, assertion: str) -> None:
        """Hold an assertion against RFC 7523; its time is judged by the org's clock, later."""
        self.headers.append(jwt.get_unverified_header(assertion))
        claims = jwt.decode(
            assertion,
            self.public_key,
            algorithms=["RS256", "RS384", "ES256", "ES384"],
            audience=TOKEN_URL,
            issuer=CLIENT_ID,
            options={"require": ["exp", "iat", "jti", "sub"], "verify_exp": False,
                     "verify_iat": False},
        )  # fmt: skip
        assert claims["sub"] == CLIENT_ID
        self._use(claims["jti"])
        self.assertions.append(claims)

    def _proof(self, request: Request, url: str, token: str | None) -> Json:
        proof = request.headers["dpop"]
        header = jwt.get_unverified_header(proof)
        assert header["typ"] == "dpop+jwt"
        assert "d" not in header["jwk"]
        key = jwt.PyJWK(header["jwk"], algorithm=header["alg"])
        claims: Json = jwt.decode(
            proof, key, algorithms=[header["alg"]], options={"verify_iat": False}
        )
        assert (claims["htm"], claims["htu"]) == (request.method, url)
        self._use(claims["jti"])
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            assert claims["ath"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
        self.proofs.append(claims)
        return claims

    def _is_of_now(self, proof: Json) -> bool:
        return bool(abs(proof["iat"] - self.now.timestamp()) < 300)

    def _use(self, jti: str) -> None:
        assert jti not in self.used, "an id that was used before"
        self.used.add(jti)

    def _refused(self, request: Request) -> Response | None:
        kind, _, token = request.headers["authorization"].partition(" ")
        assert kind == self.token_type
        if token not in self.tokens:
            return challenged(401, "invalid_token", "The access token is invalid.")
        if kind == "DPoP":
            proof = self._proof(request, f"{ORG_URL}{request.url.path}", token)
            if not self._is_of_now(proof):
                return challenged(400, "invalid_dpop_proof", "'iat' claim is invalid")
            if self.wants_api_nonce is not None and proof.get("nonce") != self.wants_api_nonce:
                return challenged(401, "use_dpop_nonce", "nonce", nonce=self.wants_api_nonce)
        else:
            assert "dpop" not in request.headers
        needed = "read" if request.method == "GET" else "manage"
        allowed = {f"okta.eventHooks.{needed}", "okta.eventHooks.manage"}
        if not allowed & set(self.tokens[token]):
            return challenged(403, "insufficient_scope", "no", scope=f"okta.eventHooks.{needed}")
        return None


def oauth_error(
    code: str, description: str = "because", *, status: int = 400, nonce: str | None = None
) -> Response:
    """Return OAuth's error object."""
    headers = {} if nonce is None else {"dpop-nonce": nonce}
    content = {"error": code, "error_description": description}
    return Response(json.dumps(content), status, headers, media_type="application/json")


def challenged(
    status: int, code: str, description: str, *, scope: str = "", nonce: str | None = None
) -> Response:
    """Return a refusal as Okta has been seen to send it: all in the header, nothing in the body."""
    value = (
        f'DPoP algs="ES256", realm="{ORG_URL}", scope="{scope}", error="{code}",'
        f' error_description="{description}", resource="/api/v1/x"'
    )
    headers = {"WWW-Authenticate": value}
    return Response(b"", status, headers | ({} if nonce is None else {"DPoP-Nonce": nonce}))


def at(second: int) -> datetime:
    """Return a time of the tests' own."""
    return datetime(2026, 11, 24, 12, 0, tzinfo=UTC).replace(second=second)
