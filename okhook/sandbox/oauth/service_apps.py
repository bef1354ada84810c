"""OAuth service apps of the org: their public keys, and the scopes that they were granted."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from okhook.errors import ConfigurationError, InvalidInput
from okhook.sandbox.oauth.jwts import PUBLIC_MEMBERS, BadKey, PublicJwk, imported

_RESOURCES = ("eventHooks", "logs", "users", "groups")

ALL_SCOPES = (
    "okta.eventHooks.read",
    "okta.eventHooks.manage",
    "okta.logs.read",
    "okta.users.read",
    "okta.users.manage",
    "okta.groups.read",
    "okta.groups.manage",
)
"""The scopes of the endpoints that the sandbox has."""


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """An app that may ask for tokens. One with ``needs_dpop`` gets none without a proof."""

    client_id: str
    keys: tuple[PublicJwk, ...]
    granted: tuple[str, ...] = ALL_SCOPES
    needs_dpop: bool = True


def scope_of_call(method: str, path: str) -> str | None:
    """Return the scope that a call needs; None for a path that no endpoint has."""
    for resource in _RESOURCES:
        if f"{path}/".startswith(f"/api/v1/{resource}/"):
            return f"okta.{resource}.{'read' if method in ('GET', 'HEAD') else 'manage'}"
    return None


def allows(scopes: tuple[str, ...], needed: str) -> bool:
    """Tell whether a token with ``scopes`` may do what ``needed`` allows: manage includes read."""
    return needed in scopes or needed.replace(".read", ".manage") in scopes


def public_keys_in(path: Path, origin: str) -> tuple[PublicJwk, ...]:
    """Return the public keys in a file: a JWK, a set of them, or a PEM.

    Of a private key only the public half is taken. ``origin`` names the setting.

    Raises:
        InvalidInput, ConfigurationError: the file cannot be read, or holds no key.
    """
    fault = InvalidInput if origin.startswith("--") else ConfigurationError
    try:
        text = path.read_text(encoding="utf-8")
        keys = _keys_of_json(text) if text.lstrip().startswith("{") else _keys_of_pem(text)
        for key in keys:
            imported(key)
    except OSError as error:
        raise fault(f"{origin}: {path} cannot be read", why=error.strerror) from error
    except (UnicodeDecodeError, BadKey):
        raise fault(
            f"{origin}: {path} holds no public key",
            next_step="it must be a JWK or a PEM, RSA of 2048 bits or more, or EC;"
            " openssl pkey -in PRIVATE -pubout makes one of a private key",
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
