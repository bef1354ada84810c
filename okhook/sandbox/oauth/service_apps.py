"""OAuth service apps of the org: their public keys and their scopes."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from okhook.errors import ConfigurationError, InvalidInput
from okhook.sandbox.oauth.jwts import PUBLIC_MEMBERS, BadKey, PublicJwk, imported

ALL_SCOPES = (
    "okta.eventHooks.read",
    "okta.eventHooks.manage",
    "okta.logs.read",
    "okta.users.read",
    "okta.users.manage",
    "okta.groups.read",
    "okta.groups.manage",
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
    for resource in ("eventHooks", "logs", "users", "groups"):
        if f"{path}/".startswith(f"/api/v1/{resource}/"):
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
        text = path.read_text(encoding="utf-8")
        keys = _keys_of_json(text) if text.lstrip().startswith("{") else _keys_of_pem(text)
        for key in keys:
            imported(key)
    except OSError as error:
        raise fault(f"{origin}: could not read {path}", why=error.strerror) from error
    except (UnicodeDecodeError, BadKey):
        raise fault(
            f"{origin}: found no public key in {path}",
            next_step="name a JWK or PEM file with an EC key, or an RSA key of 2048 bits or more;"
            " make one from a private key with: openssl pkey -in PRIVATE -pubout",
        ) from None
    return tuple(keys)


def _keys_of_json(text: str) -> Sequence[PublicJwk]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
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
