"""What clients prove themselves with: client assertions (``private_key_jwt``) and DPoP proofs.

Each counts once, also where the request that it came with is refused for another reason.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, final

from starlette.requests import Request

from okhook.sandbox.oauth.jwts import (
    BadJwt,
    Jwt,
    signed_with_its_own_key,
    signed_with_one_of,
    unverified_issuer,
)
from okhook.sandbox.oauth.refusals import TokenRefusal, invalid_client
from okhook.sandbox.oauth.service_apps import ServiceApp

_ASSERTION_LIFE_S = 3_600
_PROOF_LIFE_S = 300
_CLOCK_SKEW_S = 60
"""How far ahead the ``iat`` of either may be; what Okta allows is not known."""


class BadProof(Exception):
    """The proof proves nothing for this call; the message is for the client."""


@dataclass(frozen=True, slots=True)
class ArrivingCall:
    """A call as the org sees it. ``origin`` is scheme and host as the client wrote them.

    ``path`` is decoded and has no query; ``proof`` is the ``DPoP`` header. Okta compares the path
    as it is decoded (okta-sdk-python #541): a proof for ``…/a%40b.c`` is refused, one for
    ``…/a@b.c`` is taken.
    """

    method: str
    origin: str
    path: str
    proof: str | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Return a request as a call.

        Two ``DPoP`` headers are no proof (RFC 9449, 4.3): joined, they cannot be read as one.
        """
        origin = f"{request.url.scheme}://{request.url.netloc}"
        proof = ", ".join(request.headers.getlist("dpop")) or None
        return cls(request.method, origin, request.scope["path"], proof)

    @property
    def url(self) -> str:
        """The URL that was called, without a query."""
        return f"{self.origin}{self.path}"


@final
class UsedIds:
    """Remembers ids for ``memory``: as long as what carries them could be believed."""

    def __init__(self, memory: timedelta) -> None:
        self._memory = memory
        self._seen: dict[str, datetime] = {}

    def is_new(self, id_: str, now: datetime) -> bool:
        """Tell whether ``id_`` comes for the first time, and remember it."""
        for old, seen in list(self._seen.items()):  # in the order in which they came
            if seen > now - self._memory:
                break
            del self._seen[old]
        if id_ in self._seen:
            return False
        self._seen[id_] = now
        return True


@final
class ClientAssertions:
    """Knows the apps of the org by what they sign."""

    def __init__(self, apps: Sequence[ServiceApp]) -> None:
        self._apps: Mapping[str, ServiceApp] = {app.client_id: app for app in apps}
        self._used = UsedIds(timedelta(seconds=_ASSERTION_LIFE_S))

    def app_of(self, assertion: str, endpoint: str, now: datetime) -> ServiceApp:
        """Return the app that signed ``assertion`` for ``endpoint``.

        Raises:
            TokenRefusal: no app did, it is for another endpoint or another time, or it came before.
        """
        try:
            app = self._apps.get(unverified_issuer(assertion))
        except BadJwt:
            raise _refused("token cannot be parsed.") from None
        if app is None:
            raise invalid_client("Invalid value for 'client_id' parameter.", synthetic=True)
        try:
            jwt = signed_with_one_of(assertion, app.keys)
        except BadJwt as fault:
            raise _refused(f"signature is invalid: {fault}.") from None
        _check_assertion(jwt, app, endpoint, now.timestamp())
        jti = jwt.text("jti")
        if jti is not None and not self._used.is_new(f"{app.client_id} {jti}", now):
            raise invalid_client("The client_assertion token has already been used.")
        return app


@final
class DpopProofs:
    """Checks DPoP proofs (RFC 9449): each is good for one call, with one token."""

    def __init__(self) -> None:
        self._used = UsedIds(timedelta(seconds=_PROOF_LIFE_S + _CLOCK_SKEW_S))

    def checked(
        self, call: ArrivingCall, token: str | None, now: datetime
    ) -> tuple[str, str | None]:
        """Return the thumbprint of the key that signed a call's proof, and the proof's nonce.

        ``token`` is None for a call that asks for one.

        Raises:
            BadProof: it is for another call, another time, another token, or came before.
        """
        try:
            jwt, thumbprint = signed_with_its_own_key(call.proof or "")
        except BadJwt as fault:
            raise BadProof(f"The DPoP proof JWT is invalid: {fault}.") from None
        _check_proof(jwt, call, token, now.timestamp())
        jti = jwt.text("jti")
        if jti is None or not self._used.is_new(f"{thumbprint} {jti}", now):
            raise _wrong("jti")
        return thumbprint, jwt.text("nonce")


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
        raise BadProof("The 'typ' header of the DPoP proof JWT must be dpop+jwt.")
    if jwt.text("htm") != call.method:
        raise _wrong("htm")
    if jwt.text("htu") != call.url:
        raise _wrong("htu")
    issued = jwt.time("iat")
    if issued is None or not now_s - _PROOF_LIFE_S <= issued <= now_s + _CLOCK_SKEW_S:
        raise _wrong("iat")
    if token is not None:
        claimed = jwt.text("ath") or ""
        if not hmac.compare_digest(claimed.encode(), _hash_of(token)):
            raise _wrong("ath")


def _hash_of(token: str) -> bytes:
    digest = hashlib.sha256(token.encode("latin-1")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=")


def _refused(fault: str) -> TokenRefusal:
    """Refuse an assertion in the sandbox's own words."""
    return invalid_client(f"The client_assertion {fault}", synthetic=True)


def _wrong(claim: str) -> BadProof:
    return BadProof(f"'{claim}' claim in the DPoP proof JWT is invalid.")
