"""JWTs from clients: their keys and their signatures."""

import json
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey
    from joserfc.jws import JWSRegistry

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""The algorithms that Okta accepts: no symmetric one, and not "none"."""

PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "n", "e", "kid")
"""The members of a JWK that are used; none of them is private."""

_LEAST_RSA_BITS = 2048
_LONGEST_HEADER = 8_192
"""A proof contains its key, and an RSA key of 4096 bits is longer than a usual header."""

PublicJwk = Mapping[str, Any]


class BadKey(Exception):
    """Okta would not accept this as a public key."""


class BadJwt(Exception):
    """The JWT proves nothing; the message is for the client."""


class Jwt(NamedTuple):
    """The content of a JWT. Its values can be of any type."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """Return a claim that is a text; None if it is absent, empty or of another type."""
        value = self.claims.get(name)
        return value if isinstance(value, str) and value else None

    def time(self, name: str) -> float | None:
        """Return a claim that is a time, in seconds since the epoch."""
        value = self.claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if abs(value) < 1e12 else None


def imported(key: PublicJwk) -> "RSAKey | ECKey":
    """Return a JWK as a key of joserfc; raise ``BadKey`` if Okta would not accept it."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    members = {name: key[name] for name in PUBLIC_MEMBERS if name in key}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joserfc only warns about a short key
            if members.get("kty") == "EC":
                return ECKey.import_key(members)
            found = RSAKey.import_key(members)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise BadKey from None
    if members.get("kty") != "RSA" or found.raw_value.key_size < _LEAST_RSA_BITS:
        raise BadKey
    return found


def unverified(text: str) -> Jwt:
    """Return the content of a JWT whose signature is still to be checked."""
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        extracted = jws.extract_compact(text.encode(), registry=_registry())
        claims = json.loads(extracted.payload)
        if not isinstance(claims, dict):
            raise TypeError
        return Jwt(extracted.headers(), claims)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise BadJwt("The JWT cannot be parsed.") from None


def verified(text: str, key: PublicJwk) -> Jwt:
    """Return the content of a JWT that was signed with ``key``."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        token = jwt.decode(text, imported(key), registry=_registry())
    except (BadKey, JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise BadJwt("The JWT signature is invalid.") from None
    return Jwt(token.header, token.claims)


def _registry() -> "JWSRegistry":
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    registry.max_header_length = _LONGEST_HEADER
    return registry
