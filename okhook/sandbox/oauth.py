"""The org's authorization server: it issues access tokens to service apps, and checks them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

from okhook.sandbox.access_tokens import LIFE_S, AccessTokens, IssuedToken
from okhook.sandbox.client_assertions import ASSERTION_TYPE, ClientAssertions
from okhook.sandbox.dpop_proofs import BadProof, DpopProofs, GoodProof, ProvenCall
from okhook.sandbox.nonces import Nonces
from okhook.sandbox.oauth_refusals import (
    bad_proof,
    fresh_nonce_wanted,
    invalid_client,
    invalid_request,
    nonce_wanted,
    nothing_granted,
    proof_missing,
    proof_not_accepted,
    scope_lacking,
    token_not_accepted,
    unsupported_grant_type,
)
from okhook.sandbox.service_apps import ServiceApp, allows, scope_of_call

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class ArrivingCall:
    """A call as the org sees it. ``origin`` is scheme and host as the client wrote them.

    ``path`` is decoded and has no query; ``proof`` is the ``DPoP`` header.
    """

    method: str
    origin: str
    path: str
    proof: str | None

    @property
    def url(self) -> str:
        """The URL that was called, without a query."""
        return f"{self.origin}{self.path}"


@final
class OAuthServer:
    """Issues tokens to ``apps``, and knows them again."""

    def __init__(self, apps: Sequence[ServiceApp], now: Callable[[], datetime]) -> None:
        self._assertions = ClientAssertions(apps)
        self._proofs = DpopProofs()
        self._nonces = Nonces()
        self._tokens = AccessTokens()
        self._now = now

    def issue(self, form: Mapping[str, str], call: ArrivingCall) -> tuple[dict[str, Any], str]:
        """Return the answer to a token request, and the nonce to use from now on.

        Raises:
            TokenRefusal: there is no token for this request.

        """
        now = self._now()
        if form.get("grant_type") != "client_credentials":
            raise unsupported_grant_type()
        app = self._app_of(form, call)
        thumbprint = self._thumbprint(app, call)
        asked = form.get("scope", "").split()
        if not asked:
            raise invalid_request("The scope parameter is required.")
        scopes = tuple(scope for scope in dict.fromkeys(asked) if scope in app.granted)
        if not scopes:
            raise nothing_granted()
        token = self._tokens.issue(app.client_id, scopes, thumbprint, now)
        answer = {
            "token_type": "Bearer" if thumbprint is None else "DPoP",
            "expires_in": LIFE_S,
            "access_token": token.reveal(),
            "scope": " ".join(scopes),
        }
        return answer, self._nonces.current(now)

    def client_of(self, authorization: str, call: ArrivingCall) -> str:
        """Return the client id of the app whose access token a call of the API carries.

        Raises:
            ApiChallenge: the token is not ours, its proof is not for this call, or it lacks the
                scope.

        """
        scheme, _, value = authorization.partition(" ")
        scheme = "DPoP" if scheme.lower() == "dpop" else "Bearer"
        token = self._tokens.known(value.strip(), self._now())
        if token is None or (token.thumbprint is not None) != (scheme == "DPoP"):
            raise token_not_accepted(scheme, call.origin)
        if token.thumbprint is not None:
            self._check_possession(token, value.strip(), call)
        needed = scope_of_call(call.method, call.path)
        if needed is not None and not allows(token.scopes, needed):
            raise scope_lacking(scheme, call.origin, needed)
        return token.client_id

    def _app_of(self, form: Mapping[str, str], call: ArrivingCall) -> ServiceApp:
        if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
            raise invalid_client("A service app proves itself with a client_assertion.")
        app = self._assertions.app_of(form["client_assertion"], call.url, self._now())
        if form.get("client_id", app.client_id) != app.client_id:
            raise invalid_client("The client_id does not match the client_assertion.")
        return app

    def _thumbprint(self, app: ServiceApp, call: ArrivingCall) -> str | None:
        """Return whose key the token is bound to; None for an app that needs no proof."""
        if call.proof is None:
            if app.needs_dpop:
                raise proof_missing()
            return None
        try:
            proof = self._checked(call, None)
        except BadProof as fault:
            raise bad_proof(str(fault)) from None
        now = self._now()
        if proof.nonce is None or not self._nonces.is_good(proof.nonce, now):
            raise nonce_wanted(self._nonces.current(now))
        return proof.thumbprint

    def _check_possession(self, token: IssuedToken, value: str, call: ArrivingCall) -> None:
        if call.proof is None:
            raise proof_not_accepted(call.origin, "The DPoP proof JWT header is missing.")
        try:
            proof = self._checked(call, value)
        except BadProof as fault:
            raise proof_not_accepted(call.origin, str(fault)) from None
        if proof.thumbprint != token.thumbprint:
            raise token_not_accepted("DPoP", call.origin)
        now = self._now()
        if proof.nonce is not None and not self._nonces.is_good(proof.nonce, now):
            raise fresh_nonce_wanted(call.origin, self._nonces.current(now))

    def _checked(self, call: ArrivingCall, token: str | None) -> GoodProof:
        proven = ProvenCall(call.method, call.url, token)
        return self._proofs.checked(call.proof or "", proven, self._now())
