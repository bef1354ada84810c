"""JWTs that come from clients: their keys, their signatures, and claims of the right types."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey
    from joserfc.jws import CompactSignature, JWSRegistry

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""What Okta takes. No symmetric one, and not "none"."""

PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "n", "e", "kid")
"""The members of a JWK that are used. Those of a private key are not among them."""

_LEAST_RSA_BITS = 2048
_LONGEST_HEADER = 8_192
"""A proof carries its key, and an RSA key of 4096 bits is longer than a usual header."""

PublicJwk = Mapping[str, Any]


class BadKey(Exception):
    """It is not a public key that Okta would take."""


class BadJwt(Exception):
    """The text is not a JWT that anybody should believe; the message says why."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A JWT whose signature is right. What it claims is still to be checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """Return a claim that is a text; None where it is absent or of another type."""
        value = self.claims.get(name)
        return value if isinstance(value, str) and value else None

    def time(self, name: str) -> float | None:
        """Return a claim that is a time, in seconds since the epoch."""
        value = self.claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if abs(value) < 1e12 else None


def imported(key: PublicJwk) -> "RSAKey | ECKey":
    """Return a JWK as the key that it describes.

    Raises:
        BadKey: it is not a key, of a kind that Okta does not take, or too short.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    members = {name: key[name] for name in PUBLIC_MEMBERS if name in key}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a short key is refused, and not only warned of
            if members.get("kty") == "EC":
                return ECKey.import_key(members)
            found = RSAKey.import_key(members)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise BadKey from None
    if members.get("kty") != "RSA" or found.raw_value.key_size < _LEAST_RSA_BITS:
        raise BadKey
    return found


def signed_with_one_of(text: str, keys: Sequence[PublicJwk]) -> Jwt:
    """Return the JWT that the owner of one of these keys signed; a ``kid`` picks the key.

    Raises:
        BadJwt: it is not a JWT, or none of the keys signed it.
    """
    key_id = _extracted(text).headers().get("kid")
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
        BadJwt: it is not a JWT, carries a private key or no key, or was signed with another key.
    """
    key = _extracted(text).headers().get("jwk")
    if not isinstance(key, dict) or "d" in key:
        raise BadJwt("it does not carry a public key")
    try:
        thumbprint = imported(key).thumbprint()
    except BadKey:
        raise BadJwt("the key that it carries is none") from None
    return _signed_with(text, key), thumbprint


def unverified_issuer(text: str) -> str:
    """Return who is said to have signed a JWT, to look up that client's keys.

    Raises:
        BadJwt: it is not a JWT, or does not say it.
    """
    try:
        claims = json.loads(_extracted(text).payload)
    except (ValueError, RecursionError):
        raise BadJwt("its claims are not JSON") from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str):
        raise BadJwt("it names no issuer")
    return issuer


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
