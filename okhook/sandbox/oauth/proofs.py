"""How clients prove who they are: client assertions (``private_key_jwt``) and DPoP proofs.

Each is valid once, even if the request is refused for another reason.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from starlette.requests import Request

from okhook.sandbox.oauth.jwts import (
    BadJwt,
    BadKey,
    Jwt,
    ServiceApp,
    imported,
    unverified,
    verified,
)
from okhook.sandbox.oauth.refusals import TokenRefusal, invalid_client

_ASSERTION_LIFE_S = 3_600
_PROOF_LIFE_S = 300
_CLOCK_SKEW_S = 60
"""How far in the future the ``iat`` of either can be; Okta's limit is not known."""

ASSERTIONS_USED_FOR = timedelta(seconds=_ASSERTION_LIFE_S)
PROOFS_USED_FOR = timedelta(seconds=_PROOF_LIFE_S + _CLOCK_SKEW_S)


@dataclass(frozen=True, slots=True)
class ArrivingCall:
    """A call as the org sees it. ``origin`` is the scheme and host that the client wrote.

    ``path`` is decoded and without the query; ``proof`` is the ``DPoP`` header. Okta compares the
    decoded path (okta-sdk-python #541): it refuses a proof for ``…/a%40b.c`` and accepts one for
    ``…/a@b.c``.
    """

    method: str
    origin: str
    path: str
    proof: str | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Return a request as a call.

        Two ``DPoP`` headers are not a proof (RFC 9449, 4.3): joined, they are not a JWT.
        """
        origin = f"{request.url.scheme}://{request.url.netloc}"
        proof = ", ".join(request.headers.getlist("dpop")) or None
        return cls(request.method, origin, request.scope["path"], proof)

    @property
    def url(self) -> str:
        """The URL without its query."""
        return f"{self.origin}{self.path}"


@dataclass
class UsedIds:
    """Remembers ids for as long as their JWTs could be valid."""

    memory: timedelta
    _seen: dict[str, datetime] = field(default_factory=dict)

    def is_new(self, id_: str, now: datetime) -> bool:
        """Tell whether ``id_`` comes for the first time, and remember it."""
        for old, seen in list(self._seen.items()):  # oldest first
            if seen > now - self.memory:
                break
            del self._seen[old]
        if id_ in self._seen:
            return False
        self._seen[id_] = now
        return True


def app_of(
    assertion: str, apps: Mapping[str, ServiceApp], used: UsedIds, endpoint: str, now: datetime
) -> ServiceApp:
    """Return the app that signed ``assertion`` for ``endpoint``; raise ``TokenRefusal`` if none."""
    try:
        sent = unverified(assertion)
    except BadJwt:
        raise _refused("token cannot be parsed.") from None
    issuer = sent.text("iss")
    if issuer is None:
        raise _refused("token cannot be parsed: it has no issuer.")
    app = apps.get(issuer)
    if app is None:
        raise invalid_client("Invalid value for 'client_id' parameter.", synthetic=True)
    jwt = _signed_by(app, assertion, sent.header.get("kid"))
    _check_assertion(jwt, app, endpoint, now.timestamp())
    jti = jwt.text("jti")
    if jti is not None and not used.is_new(f"{app.client_id} {jti}", now):
        raise invalid_client("The client_assertion token has already been used.")
    return app


def checked_proof(
    call: ArrivingCall, token: str | None, used: UsedIds, now: datetime
) -> tuple[str, str | None]:
    """Return the thumbprint (RFC 7638) of the key that signed a DPoP proof, and the proof's nonce.

    A proof (RFC 9449) is for one call and one ``token``; None is for a call that requests a token.
    ``BadJwt`` means that the proof is not for this call, or was used before.
    """
    proof = call.proof or ""
    key = unverified(proof).header.get("jwk")
    if not isinstance(key, dict) or "d" in key:
        raise BadJwt("The DPoP proof JWT does not contain a public key.")
    try:
        thumbprint = imported(key).thumbprint()
    except BadKey:
        raise BadJwt("The key in the DPoP proof JWT is invalid.") from None
    jwt = verified(proof, key)
    _check_proof(jwt, call, token, now.timestamp())
    jti = jwt.text("jti")
    if jti is None or not used.is_new(f"{thumbprint} {jti}", now):
        raise _wrong("jti")
    return thumbprint, jwt.text("nonce")


def _signed_by(app: ServiceApp, assertion: str, key_id: object) -> Jwt:
    for key in app.keys:
        if key_id is None or key.get("kid") in (None, key_id):
            try:
                return verified(assertion, key)
            except BadJwt:
                continue
    raise _refused("signature is invalid: no key of the app signed it.")


def _check_assertion(jwt: Jwt, app: ServiceApp, endpoint: str, now_s: float) -> None:
    if jwt.text("iss") != app.client_id or jwt.text("sub") != app.client_id:
        words = "The iss and sub claims of client_assertion must be the client_id."
        raise invalid_client(words, synthetic=True)
    audience = jwt.claims.get("aud")
    if endpoint not in (audience if isinstance(audience, list) else [audience]):
        words = "audience claim for client_assertion must be the endpoint invoked for the request."
        raise invalid_client(f"The {words}")
    expires = jwt.time("exp")
    if expires is None:
        raise _refused("token must have an expiration.")
    if expires <= now_s:
        raise _refused("token is expired.")
    if expires - now_s > _ASSERTION_LIFE_S:
        words = "The client_assertion token has an expiration too far into the future."
        raise invalid_client(words)
    issued = jwt.time("iat")
    if issued is not None and issued > now_s + _CLOCK_SKEW_S:
        raise _refused("token was issued in the future.")


def _check_proof(jwt: Jwt, call: ArrivingCall, token: str | None, now_s: float) -> None:
    if jwt.header.get("typ") != "dpop+jwt":
        raise BadJwt("The 'typ' header of the DPoP proof JWT must be dpop+jwt.")
    for claim, expected in (("htm", call.method), ("htu", call.url)):
        if jwt.text(claim) != expected:
            raise _wrong(claim)
    issued = jwt.time("iat")
    if issued is None or not now_s - _PROOF_LIFE_S <= issued <= now_s + _CLOCK_SKEW_S:
        raise _wrong("iat")
    if token is not None:
        digest = hashlib.sha256(token.encode("latin-1")).digest()
        expected_hash = base64.urlsafe_b64encode(digest).rstrip(b"=")
        if not hmac.compare_digest((jwt.text("ath") or "").encode(), expected_hash):
            raise _wrong("ath")


def _refused(fault: str) -> TokenRefusal:
    return invalid_client(f"The client_assertion {fault}", synthetic=True)


def _wrong(claim: str) -> BadJwt:
    return BadJwt(f"'{claim}' claim in the DPoP proof JWT is invalid.")
