"""The org's authorization server: it issues access tokens to service apps and checks them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from okhook.sandbox.call import Call, json_answer, whole_body
from okhook.sandbox.oauth.jwts import BadJwt, ServiceApp, allows, scope_of_call
from okhook.sandbox.oauth.proofs import (
    ASSERTIONS_USED_FOR,
    PROOFS_USED_FOR,
    ArrivingCall,
    UsedIds,
    app_of,
    checked_proof,
)
from okhook.sandbox.oauth.refusals import bad_request, invalid_client, proof_refused, token_refused

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path

_FORM = "application/x-www-form-urlencoded"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TOKEN_LIFE_S = 3_600
_NONCE_RENEWED_AFTER = timedelta(hours=24)
_NONCE_LIFE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _IssuedToken:
    """``thumbprint`` identifies the key that the token is bound to, if any."""

    client_id: str
    scopes: tuple[str, ...]
    thumbprint: str | None
    ends_at: datetime

    @property
    def scheme(self) -> str:
        return "Bearer" if self.thumbprint is None else "DPoP"


class OAuthServer:
    """Issues tokens to ``apps``, keeps them in memory for an hour, and checks them."""

    def __init__(self, apps: Sequence[ServiceApp], now: Callable[[], datetime]) -> None:
        self._apps = {app.client_id: app for app in apps}
        self._used_assertions = UsedIds(ASSERTIONS_USED_FOR)
        self._used_proofs = UsedIds(PROOFS_USED_FOR)
        self._nonces: list[tuple[str, datetime]] = []
        self._tokens: dict[str, _IssuedToken] = {}
        self._now = now

    async def answer(self, call: Call) -> Response:
        """Answer a token request."""
        form = await _form(call.request)
        token, nonce = self.issue(form, ArrivingCall.of(call.request))
        response = json_answer(token)
        response.headers["Cache-Control"] = "no-store"
        if call.request.headers.get("dpop"):
            response.headers["dpop-nonce"] = nonce
        return response

    def issue(self, form: Mapping[str, str], call: ArrivingCall) -> tuple[dict[str, Any], str]:
        """Return the answer to a token request, and the nonce for the next one."""
        if form.get("grant_type") != "client_credentials":
            words = "The sandbox supports only the grant type client_credentials."
            raise bad_request("unsupported_grant_type", words, synthetic=True)
        app = self._app_of(form, call)
        thumbprint = self._bound_to(app, call)
        asked = form.get("scope", "").split()
        if not asked:
            raise bad_request("invalid_request", "The scope parameter is required.", synthetic=True)
        scopes = tuple(scope for scope in dict.fromkeys(asked) if scope in app.granted)
        if not scopes:
            words = "You are not allowed any of the requested scopes."
            raise bad_request("consent_required", words)
        now, value = self._now(), secrets.token_urlsafe(48)
        self._tokens = {key: token for key, token in self._tokens.items() if now < token.ends_at}
        ends_at = now + timedelta(seconds=_TOKEN_LIFE_S)
        self._tokens[value] = token = _IssuedToken(app.client_id, scopes, thumbprint, ends_at)
        answer = {
            "token_type": token.scheme,
            "expires_in": _TOKEN_LIFE_S,
            "access_token": value,
            "scope": " ".join(scopes),
        }
        return answer, self._current_nonce()

    def client_of(self, authorization: str, call: ArrivingCall) -> str:
        """Return the client id of the app whose access token is in a call of the API."""
        scheme, _, value = authorization.partition(" ")
        scheme = "DPoP" if scheme.lower() == "dpop" else "Bearer"
        token = self._tokens.get(value.strip())
        if token is None or self._now() >= token.ends_at or token.scheme != scheme:
            raise token_refused("invalid_token", scheme, call.origin)
        if token.thumbprint is not None:
            self._check_possession(token, value.strip(), call)
        needed = scope_of_call(call.method, call.path)
        if needed is not None and not allows(token.scopes, needed):
            raise token_refused("insufficient_scope", scheme, call.origin, scope=needed)
        return token.client_id

    def _app_of(self, form: Mapping[str, str], call: ArrivingCall) -> ServiceApp:
        assertion = form.get("client_assertion")
        if form.get("client_assertion_type") != _ASSERTION_TYPE or not assertion:
            raise invalid_client("A service app needs a client_assertion.", synthetic=True)
        app = app_of(assertion, self._apps, self._used_assertions, call.url, self._now())
        if form.get("client_id", app.client_id) != app.client_id:
            words = "The client_id does not match the client_assertion."
            raise invalid_client(words, synthetic=True)
        return app

    def _bound_to(self, app: ServiceApp, call: ArrivingCall) -> str | None:
        if call.proof is None:
            if app.needs_dpop:
                raise bad_request("invalid_dpop_proof", "The DPoP proof JWT header is missing.")
            return None
        try:
            thumbprint, nonce = checked_proof(call, None, self._used_proofs, self._now())
        except BadJwt as fault:
            raise bad_request("invalid_dpop_proof", str(fault), synthetic=True) from None
        if not self._is_valid(nonce):
            words = "Authorization server requires nonce in DPoP proof."
            headers = {"dpop-nonce": self._current_nonce()}
            raise bad_request("use_dpop_nonce", words, headers=headers)
        return thumbprint

    def _check_possession(self, token: _IssuedToken, value: str, call: ArrivingCall) -> None:
        if call.proof is None:
            raise proof_refused(call.origin, "The DPoP proof JWT header is missing.")
        try:
            thumbprint, nonce = checked_proof(call, value, self._used_proofs, self._now())
        except BadJwt as fault:
            raise proof_refused(call.origin, str(fault)) from None
        if thumbprint != token.thumbprint:
            raise token_refused("invalid_token", "DPoP", call.origin)
        if nonce is not None and not self._is_valid(nonce):
            nonce = self._current_nonce()
            raise token_refused("use_dpop_nonce", "DPoP", call.origin, nonce=nonce)

    def _current_nonce(self) -> str:
        """Return the newest nonce: one is made every day, and is valid for three days."""
        now = self._now()
        self._nonces = [each for each in self._nonces if now < each[1] + _NONCE_LIFE]
        if not self._nonces or now >= self._nonces[-1][1] + _NONCE_RENEWED_AFTER:
            self._nonces.append((secrets.token_urlsafe(24), now))
        return self._nonces[-1][0]

    def _is_valid(self, nonce: str | None) -> bool:
        now = self._now()
        return any(nonce == known and now < since + _NONCE_LIFE for known, since in self._nonces)


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of the form; refuse a repeated field (RFC 6749, 3.2)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise bad_request("invalid_request", f"The content type must be {_FORM}.", synthetic=True)
    pairs = parse_qsl((await whole_body(request)).decode("latin-1"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        words = "A parameter is included more than once."
        raise bad_request("invalid_request", words, synthetic=True)
    return form
