"""What Okta's own tools are configured with: an org, and the credential that is for it alone.

The SDKs read ``OKTA_CLIENT_ORGURL`` with ``OKTA_CLIENT_TOKEN``, or with what describes a service
app, and ``~/.okta/okta.yaml``; Terraform reads ``OKTA_ORG_NAME``, ``OKTA_BASE_URL`` and
``OKTA_API_TOKEN``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from okhook.config.setting import Setting
from okhook.errors import ConfigurationError
from okhook.okta.auth.credential import ScopeLimit
from okhook.okta.auth.sources import AppSource, TokenSource
from okhook.secret import Secret

_VARIABLES = {
    "orgUrl": "OKTA_CLIENT_ORGURL",
    "token": "OKTA_CLIENT_TOKEN",
    "authorizationMode": "OKTA_CLIENT_AUTHORIZATIONMODE",
    "clientId": "OKTA_CLIENT_CLIENTID",
    "privateKey": "OKTA_CLIENT_PRIVATEKEY",
    "scopes": "OKTA_CLIENT_SCOPES",
}
"""What the SDKs call the members of ``okta.client`` in the environment."""

_APP_MODE = "privatekey"


@dataclass(frozen=True, slots=True)
class OktaTool:
    """One tool's configuration; the credential is for ``org`` alone where that is set."""

    org: Setting[str] | None
    credential: TokenSource | AppSource | None


def okta_tools(environ: Mapping[str, str], home: Path) -> list[OktaTool]:
    """Return what is configured, strongest first: the SDKs' variables, Terraform's, the file.

    Raises:
        ConfigurationError: ``okta.yaml`` is there and cannot be read.
    """
    by_member = {member: environ.get(variable) for member, variable in _VARIABLES.items()}
    found = [sdk_client(by_member, _VARIABLES), _terraform(environ), _okta_yaml(home)]
    return [tool for tool in found if tool.org or tool.credential]


def sdk_client(client: Mapping[str, Any], spelled: Mapping[str, str]) -> OktaTool:
    """Return what ``client`` describes, by the names that the SDKs use.

    The mode decides between a token and an app, as it does for the SDKs; where it is not set, a
    token goes first. ``spelled`` says how a person would look for each member.
    """
    org = _org(client.get("orgUrl"), spelled["orgUrl"])
    token = _token(client.get("token"), spelled["token"], org)
    mode = str(client.get("authorizationMode") or "").strip().lower()
    client_id, key = _text(client.get("clientId")), _key(client.get("privateKey"))
    if mode != _APP_MODE and (mode or token or not (client_id and key)):
        return OktaTool(org, token)
    scopes = _scopes(client.get("scopes"))
    missing = None if client_id and key else spelled["privateKey" if client_id else "clientId"]
    app = AppSource(
        origin=spelled["clientId"],
        orgs=() if org is None else (org.value,),
        client_id=client_id,
        key=Secret(key) if key else None,
        key_origin=spelled["privateKey"],
        key_id=_text(client.get("kid")),
        limit=ScopeLimit(scopes, spelled["scopes"]) if scopes else None,
        missing=missing,
    )
    return OktaTool(org, app)


def _terraform(environ: Mapping[str, str]) -> OktaTool:
    name = environ.get("OKTA_ORG_NAME")
    domain = environ.get("OKTA_BASE_URL") or "okta.com"
    org = _org(f"{name}.{domain}" if name else None, "OKTA_ORG_NAME")
    return OktaTool(org, _token(environ.get("OKTA_API_TOKEN"), "OKTA_API_TOKEN", org))


def _okta_yaml(home: Path) -> OktaTool:
    path = home / ".okta" / "okta.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return OktaTool(None, None)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read", why=str(error)) from error
    spelled = {member: f"{member} in ~/.okta/okta.yaml" for member in _VARIABLES}
    return sdk_client(_client_section(text, path), spelled)


def _client_section(text: str, path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else None
        raise ConfigurationError(f"{path} is not YAML", why=where) from None
    for name in ("okta", "client"):
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _org(value: object, origin: str) -> Setting[str] | None:
    return Setting(value, origin) if isinstance(value, str) and value else None


def _token(value: object, origin: str, org: Setting[str] | None) -> TokenSource | None:
    if not isinstance(value, str) or not value:
        return None
    return TokenSource(Secret(value), origin, () if org is None else (org.value,))


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
