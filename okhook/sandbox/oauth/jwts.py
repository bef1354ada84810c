"""OAuth service apps of the org, their keys, and the JWTs that they sign."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from okhook.config.plain_file import piped_text
from okhook.errors import ConfigurationError, InvalidInput
from okhook.json_path import strict_json

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


_RESOURCES = {
    "eventHooks": "eventHooks",
    "logs": "logs",
    "users": "users",
    "groups": "groups",
    "org": "orgs",
    "meta/types/user": "userTypes",
    "meta/schemas": "schemas",
}
"""What a scope calls the endpoints whose paths start so."""

ALL_SCOPES = tuple(
    f"okta.{resource}.{right}"
    for resource in _RESOURCES.values()
    for right in ("read", "manage")
    if (resource, right) != ("logs", "manage")
)
"""The scopes of the sandbox's endpoints."""


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """An app that can request tokens; with ``needs_dpop``, only with a DPoP proof."""

    client_id: str
    keys: tuple[PublicJwk, ...]
    granted: tuple[str, ...] = ALL_SCOPES
    needs_dpop: bool = True


def scope_of_call(method: str, path: str) -> str | None:
    """Return the scope that a call needs; None for an unknown path."""
    for beginning, resource in _RESOURCES.items():
        if f"{path}/".startswith(f"/api/v1/{beginning}/"):
            return f"okta.{resource}.{'read' if method in ('GET', 'HEAD') else 'manage'}"
    return None


def allows(scopes: tuple[str, ...], needed: str) -> bool:
    """Tell whether ``scopes`` include ``needed``; manage includes read."""
    return needed in scopes or needed.replace(".read", ".manage") in scopes


def public_keys_in(path: Path, origin: str) -> tuple[PublicJwk, ...]:
    """Return the public keys in a JWK, JWK set or PEM file; of a private key, its public half.

    ``origin`` is the setting that names the file, and decides the class of an error.
    """
    fault = InvalidInput if origin.startswith("--") else ConfigurationError
    try:
        text = piped_text(path)
        keys = _keys_of_json(text) if text.lstrip().startswith("{") else _keys_of_pem(text)
        for key in keys:
            imported(key)
    except OSError as error:
        raise fault(f"{origin}: could not read {path}", why=error.strerror) from error
    except (UnicodeDecodeError, BadKey):
        raise fault(
            f"{origin}: found no public key in {path}",
            next_step="name a JWK or PEM file with an EC key, or an RSA key of 2048 bits or more;"
            " create one from a private key with: openssl pkey -in PRIVATE -pubout",
        ) from None
    return tuple(keys)


def _keys_of_json(text: str) -> Sequence[PublicJwk]:
    try:
        content = strict_json(text)
    except ValueError:
        raise BadKey from None
    listed = content.get("keys", [content])
    if not isinstance(listed, list) or not listed or not all(isinstance(k, dict) for k in listed):
        raise BadKey
    return [{name: key[name] for name in PUBLIC_MEMBERS if name in key} for key in listed]


def _keys_of_pem(text: str) -> Sequence[PublicJwk]:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    kinds: tuple[type[RSAKey | ECKey], ...] = (RSAKey, ECKey)
    for kind in kinds:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return [kind.import_key(text.encode()).as_dict(private=False)]
        except (JoseError, ValueError, TypeError):
            continue
    raise BadKey
