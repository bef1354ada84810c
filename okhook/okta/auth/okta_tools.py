"""Read the configuration of Okta's own tools: an org, and a credential for that org alone.

The SDKs read ``OKTA_CLIENT_*`` and ``~/.okta/okta.yaml``; Terraform reads ``OKTA_ORG_NAME``,
``OKTA_BASE_URL`` and ``OKTA_API_*``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from okhook.config.plain_file import plain_text
from okhook.config.setting import Layer
from okhook.errors import ConfigurationError

_MEMBERS = {
    "org": ("orgUrl", "oktaDomain"),
    "token": ("token",),
    "access_token": ("accessToken",),
    "client_id": ("clientId",),
    "private_key": ("privateKey",),
    "key_id": ("kid", "privateKeyId", "keyId"),
    "scopes": ("scopes",),
}
"""The members of ``okta.client`` for each name of ours; each SDK has some of them.

A ``private_key`` is a key or names a file.
"""

_APP = ("client_id", "private_key", "key_id", "scopes")
_DEEPEST = 32
_NULL = ("null", "~")
_MODE = "authorizationMode"
_ALL_MEMBERS = (*(member for members in _MEMBERS.values() for member in members), _MODE)
_VARIABLES = {member: f"OKTA_CLIENT_{member.upper()}" for member in _ALL_MEMBERS}
_TERRAFORM = {
    "orgUrl": "OKTA_ORG_NAME",
    "token": "OKTA_API_TOKEN",
    "clientId": "OKTA_API_CLIENT_ID",
    "privateKey": "OKTA_API_PRIVATE_KEY",
    "kid": "OKTA_API_PRIVATE_KEY_ID",
    "scopes": "OKTA_API_SCOPES",
}
"""Terraform's variable for each member. ``OKTA_ORG_NAME`` is a part of the address."""


def okta_tools(environ: Mapping[str, str], home: Path | None) -> list[Layer]:
    """Return a layer for each tool: the SDKs' variables, Terraform's, the file."""
    terraform = {member: environ.get(variable) for member, variable in _TERRAFORM.items()}
    if name := terraform["orgUrl"]:
        terraform["orgUrl"] = f"{name}.{environ.get('OKTA_BASE_URL') or 'okta.com'}"
    members = {member: environ.get(variable) for member, variable in _VARIABLES.items()}
    return [
        sdk_layer(members, _VARIABLES),
        sdk_layer(terraform, _TERRAFORM),
        *([] if home is None else [_okta_yaml(home)]),
    ]


def sdk_layer(client: Mapping[str, Any], origins: Mapping[str, str]) -> Layer:
    """Return the layer of a ``client`` whose members have the SDKs' names.

    ``authorizationMode`` chooses between a token, an app, and an access token that was made
    elsewhere: ``Bearer`` with a ``token`` (Python), ``BearerToken`` with an ``accessToken`` (.NET).
    Without it, a token wins.
    """
    values, named = {}, {}
    for name, members in _MEMBERS.items():
        given = next((each for each in members if _text(client.get(each))), None)
        if given is not None:
            values[name] = _text(client[given])
        member = given or members[0]
        named[name] = origins.get(member, member)
    mode = _text(client.get(_MODE)).lower()
    kept: tuple[str, ...] = ("org", "token")
    is_complete = {"client_id", "private_key"} <= values.keys()
    if mode == "privatekey" or (not mode and "token" not in values and is_complete):
        values = {"client_id": "", **values}
        kept = (*_APP, "org")
    elif mode in ("bearer", "bearertoken"):
        if "access_token" not in values and "token" in values:
            values["access_token"], named["access_token"] = values["token"], named["token"]
        kept = ("org", "access_token")
    return Layer({name: value for name, value in values.items() if name in kept}, named)


def _okta_yaml(home: Path) -> Layer:
    path = home / ".okta" / "okta.yaml"
    try:
        text = plain_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return Layer({}, {})
    except OSError as error:
        raise ConfigurationError(f"could not read {path}", why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"could not read {path}", why=str(error)) from error
    origins = {member: f"{member} in ~/.okta/okta.yaml" for member in _ALL_MEMBERS}
    return sdk_layer(_client_section(text, path), origins)


def _client_section(text: str, path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        _check_levels(text, path)
        content = yaml.load(text, Loader=_loader())  # noqa: S506 - it makes nothing but texts
    except yaml.YAMLError as error:
        # The error itself quotes the line, which may contain a token.
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else None
        raise ConfigurationError(f"{path} is not valid YAML", why=where) from None
    for name in ("okta", "client"):
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _check_levels(text: str, path: Path) -> None:
    """Refuse deep nesting, and an alias of more than a value: a few of them make gigabytes."""
    import yaml

    depth, values = 0, set()
    for event in yaml.parse(text, Loader=_loader()):
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            values.discard(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent):
            values.add(event.anchor)
        elif isinstance(event, yaml.AliasEvent) and event.anchor not in values:
            why = f"line {line}: *{event.anchor} stands for more than one value"
            raise ConfigurationError(f"{path} is not valid YAML", why=why)
        if depth > _DEEPEST:
            why = f"line {line}: it is nested too deeply"
            raise ConfigurationError(f"{path} is not valid YAML", why=why)


def _loader() -> Any:  # noqa: ANN401 - of two types
    """Return a loader that leaves numbers and dates as text: some take minutes to read.

    It is the fast one, unless libyaml is missing.
    """
    import yaml

    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _text(value: object) -> str:
    """Return a member as text. In a YAML file, a key may be a JWK and scopes may be a list."""
    match value:
        case str():
            return "" if value.lower() in _NULL else value.strip()
        case dict():
            return json.dumps(value, default=str)
        case list():
            return " ".join(each for each in value if isinstance(each, str))
        case _:
            return ""
