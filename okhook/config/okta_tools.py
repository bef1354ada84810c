"""What Okta's own tools are configured with: an org and a token or an app that belong together.

The SDKs read ``OKTA_CLIENT_ORGURL`` with ``OKTA_CLIENT_TOKEN``, or with what describes a service
app, and ``~/.okta/okta.yaml``; Terraform reads ``OKTA_ORG_NAME``, ``OKTA_BASE_URL`` and
``OKTA_API_TOKEN``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from okhook.config.okta_app import OktaApp, okta_app
from okhook.errors import ConfigurationError
from okhook.secret import Secret

_VARIABLES = {
    "authorizationMode": "OKTA_CLIENT_AUTHORIZATIONMODE",
    "clientId": "OKTA_CLIENT_CLIENTID",
    "privateKey": "OKTA_CLIENT_PRIVATEKEY",
    "scopes": "OKTA_CLIENT_SCOPES",
}
"""What the SDKs call the members of ``okta.client`` in the environment."""


@dataclass(frozen=True, slots=True)
class OktaTool:
    """One tool's configuration.

    ``token`` and ``app``, of which it has one at most, are for ``org`` alone where that is set.
    """

    org: str | None
    org_origin: str | None
    token: Secret | None
    token_origin: str | None
    app: OktaApp | None = None


def okta_tools(environ: Mapping[str, str], home: Path) -> list[OktaTool]:
    """Return what is configured, strongest first: the SDKs' variables, Terraform's, the file.

    Raises:
        ConfigurationError: ``okta.yaml`` is there and cannot be read.

    """
    found = [_sdk_variables(environ), _terraform_variables(environ), _okta_yaml(home)]
    return [tool for tool in found if tool.org or tool.token or tool.app]


def _sdk_variables(environ: Mapping[str, str]) -> OktaTool:
    app = okta_app(
        {member: environ.get(variable) for member, variable in _VARIABLES.items()},
        has_token=bool(environ.get("OKTA_CLIENT_TOKEN")),
        spelled=_VARIABLES,
    )
    return _tool(
        environ.get("OKTA_CLIENT_ORGURL"),
        "OKTA_CLIENT_ORGURL",
        environ.get("OKTA_CLIENT_TOKEN"),
        "OKTA_CLIENT_TOKEN",
        app,
    )


def _terraform_variables(environ: Mapping[str, str]) -> OktaTool:
    name = environ.get("OKTA_ORG_NAME")
    domain = environ.get("OKTA_BASE_URL") or "okta.com"
    return _tool(
        f"{name}.{domain}" if name else None,
        "OKTA_ORG_NAME",
        environ.get("OKTA_API_TOKEN"),
        "OKTA_API_TOKEN",
    )


def _okta_yaml(home: Path) -> OktaTool:
    path = home / ".okta" / "okta.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return OktaTool(None, None, None, None)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read", why=str(error)) from error
    client = _client_section(text, path)
    shown = "~/.okta/okta.yaml"
    org, token = client.get("orgUrl"), client.get("token")
    members = (*_VARIABLES, "kid")
    app = okta_app(
        client,
        has_token=isinstance(token, str) and bool(token),
        spelled={member: f"{member} in {shown}" for member in members},
    )
    return _tool(
        org if isinstance(org, str) else None,
        f"orgUrl in {shown}",
        token if isinstance(token, str) else None,
        f"token in {shown}",
        app,
    )


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


def _tool(
    org: str | None,
    org_origin: str,
    token: str | None,
    token_origin: str,
    app: OktaApp | None = None,
) -> OktaTool:
    has_token = bool(token) and app is None
    return OktaTool(
        org or None,
        org_origin if org else None,
        Secret(token) if token and has_token else None,
        token_origin if has_token else None,
        app,
    )
