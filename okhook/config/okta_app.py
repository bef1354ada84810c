"""An OAuth service app as Okta's SDKs have it: ``authorizationMode: PrivateKey``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from okhook.secret import Secret

_MODE = "privatekey"


@dataclass(frozen=True, slots=True)
class OktaApp:
    """A service app. ``private_key`` is a JWK, a PEM, or the path of a file with one.

    ``missing`` names what is not set although the app cannot do without it. ``origins`` are the
    places of the id, the key and the scopes.
    """

    client_id: str | None
    private_key: Secret | None
    key_id: str | None
    scopes: tuple[str, ...]
    origins: Mapping[str, str]
    missing: str | None


def okta_app(
    client: Mapping[str, Any], *, has_token: bool, spelled: Mapping[str, str]
) -> OktaApp | None:
    """Return the app that ``client`` describes, by the names that the SDKs use; None for none.

    The mode decides between a token and an app, as it does for the SDKs; where it is not set, a
    token goes first. ``spelled`` says how a person would look for each member.
    """
    mode = str(client.get("authorizationMode") or "").strip().lower()
    client_id, private_key = _text(client.get("clientId")), _key(client.get("privateKey"))
    if mode != _MODE and (mode or has_token or not (client_id and private_key)):
        return None
    return OktaApp(
        client_id,
        Secret(private_key) if private_key else None,
        _text(client.get("kid")),
        _scopes(client.get("scopes")),
        {member: spelled[member] for member in ("clientId", "privateKey", "scopes")},
        _missing(client_id, private_key, spelled),
    )


def _missing(
    client_id: str | None, private_key: str | None, spelled: Mapping[str, str]
) -> str | None:
    if client_id is None:
        return spelled["clientId"]
    return spelled["privateKey"] if private_key is None else None


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _key(value: object) -> str | None:
    """Return the key as text; a YAML file may hold a JWK as it is."""
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    return _text(value)


def _scopes(value: object) -> tuple[str, ...]:
    """Return the scopes of a list, or of a text that commas divide."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list):
        return ()
    return tuple(scope.strip() for scope in listed if isinstance(scope, str) and scope.strip())
