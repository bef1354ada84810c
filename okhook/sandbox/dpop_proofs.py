"""DPoP proofs (RFC 9449): each is good for one call, with one token, of whoever holds its key."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import final

from okhook.sandbox.jwts import BadJwt, Jwt, signed_with_its_own_key
from okhook.sandbox.used_once import UsedOnce

_GOOD_FOR_S = 300
_CLOCKS_MAY_DIFFER_S = 60


class BadProof(Exception):
    """The proof proves nothing for this call; the message is for the client."""


@dataclass(frozen=True, slots=True)
class ProvenCall:
    """The call that a proof is for. ``url`` has no query; ``token`` is None where it asks for one.

    Okta compares the path as it is decoded (okta-sdk-python #541): a proof for ``…/a%40b.c`` is
    refused, one for ``…/a@b.c`` is taken.
    """

    method: str
    url: str
    token: str | None


@dataclass(frozen=True, slots=True)
class GoodProof:
    """What a proof says: whose key it is, and the nonce that it carries, if it does."""

    thumbprint: str
    nonce: str | None


@final
class DpopProofs:
    """Checks proofs, each once."""

    def __init__(self) -> None:
        self._used = UsedOnce(timedelta(seconds=_GOOD_FOR_S + _CLOCKS_MAY_DIFFER_S))

    def checked(self, proof: str, call: ProvenCall, now: datetime) -> GoodProof:
        """Return what a proof says, once it is known to be for this call.

        Raises:
            BadProof: it is for another call, another time, another token, or came before.

        """
        try:
            jwt, thumbprint = signed_with_its_own_key(proof)
        except BadJwt as fault:
            raise BadProof(f"The DPoP proof JWT is invalid: {fault}.") from None
        _check(jwt, call, now.timestamp())
        jti = jwt.text("jti")
        if jti is None or not self._used.is_new(f"{thumbprint} {jti}", now):
            raise _wrong("jti")
        return GoodProof(thumbprint, jwt.text("nonce"))


def _check(jwt: Jwt, call: ProvenCall, now_s: float) -> None:
    if jwt.header.get("typ") != "dpop+jwt":
        raise BadProof("The 'typ' header of the DPoP proof JWT must be dpop+jwt.")
    if jwt.text("htm") != call.method:
        raise _wrong("htm")
    if jwt.text("htu") != call.url:
        raise _wrong("htu")
    issued = jwt.time("iat")
    if issued is None or not now_s - _GOOD_FOR_S <= issued <= now_s + _CLOCKS_MAY_DIFFER_S:
        raise _wrong("iat")
    if call.token is not None:
        claimed = jwt.text("ath") or ""
        if not hmac.compare_digest(claimed.encode(), _hash_of(call.token)):
            raise _wrong("ath")


def _hash_of(token: str) -> bytes:
    digest = hashlib.sha256(token.encode("latin-1")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=")


def _wrong(claim: str) -> BadProof:
    return BadProof(f"'{claim}' claim in the DPoP proof JWT is invalid.")
