"""JWTs that come from clients: their signatures, and claims that have the types they must have."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from okhook.sandbox.public_keys import BadKey, PublicJwk, imported

if TYPE_CHECKING:
    from joserfc.jws import CompactSignature, JWSRegistry

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""What Okta takes. No symmetric one, and not "none"."""

_LONGEST_HEADER = 8_192
"""A proof carries its key, and an RSA key of 4096 bits is longer than a usual header."""


class BadJwt(Exception):
    """The text is no JWT that anybody should believe."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A JWT whose signature is right. What it claims is still to be checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """Return a claim that is a text; None where there is none, or it is of another type."""
        value = self.claims.get(name)
        return value if isinstance(value, str) and value else None

    def time(self, name: str) -> float | None:
        """Return a claim that is a time, in seconds since the epoch."""
        value = self.claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if abs(value) < 1e12 else None


def signed_with_one_of(text: str, keys: Sequence[PublicJwk]) -> Jwt:
    """Return the JWT that the owner of one of these keys signed; a ``kid`` picks the key.

    Raises:
        BadJwt: it is no JWT, or none of them signed it.

    """
    key_id = _header_of(text).get("kid")
    for key in keys:
        if key_id is not None and key.get("kid") not in (None, key_id):
            continue
        try:
            return _signed_with(text, key)
        except BadJwt:
            continue
    raise BadJwt("no key of the app signed it")


def signed_with_its_own_key(text: str) -> tuple[Jwt, str]:
    """Return a JWT that carries its public key, and the thumbprint of that key (RFC 7638).

    Raises:
        BadJwt: it is no JWT, carries a private key or none, or was signed with another.

    """
    key = _header_of(text).get("jwk")
    if not isinstance(key, dict) or "d" in key:
        raise BadJwt("it does not carry a public key")
    try:
        thumbprint = imported(key).thumbprint()
    except BadKey:
        raise BadJwt("the key that it carries is none") from None
    return _signed_with(text, key), thumbprint


def unverified_issuer(text: str) -> str:
    """Return who is said to have signed a JWT, to look up the keys of whoever that is.

    Raises:
        BadJwt: it is no JWT, or does not say it.

    """
    try:
        claims = json.loads(_extracted(text).payload)
    except (ValueError, RecursionError):
        raise BadJwt("its claims are not JSON") from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str):
        raise BadJwt("it names no issuer")
    return issuer


def _header_of(text: str) -> Mapping[str, Any]:
    return _extracted(text).headers()


def _extracted(text: str) -> "CompactSignature":
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        return jws.extract_compact(text.encode(), registry=_registry())
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise BadJwt("it is not a JWT") from None


def _signed_with(text: str, key: PublicJwk) -> Jwt:
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        token = jwt.decode(text, imported(key), registry=_registry())
    except (BadKey, JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise BadJwt("its signature is wrong") from None
    return Jwt(token.header, token.claims)


def _registry() -> "JWSRegistry":
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    registry.max_header_length = _LONGEST_HEADER
    return registry
