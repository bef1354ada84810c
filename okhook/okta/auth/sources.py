"""The places that a credential can come from, each with the orgs that it is for.

A place that names an org beside its token or app is for that org alone. A place that names no org
is for any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from okhook.config.setting import Layer
from okhook.errors import ConfigurationError
from okhook.okta.auth.credential import ScopeLimit
from okhook.okta.auth.keyring import TokenKeyring
from okhook.runtime.runs import SandboxRun
from okhook.secret import Secret
from okhook.wire.org import NotAnOrg, parse_org

SANDBOX = "sandbox"
"""The name for the org that ``okhook sandbox`` runs on this machine."""

_KEYS = ("private_key_file", "private_key")


@dataclass(frozen=True, slots=True)
class TokenSource:
    """A token, where it is set, and the orgs that it is for; empty for any org."""

    token: Secret
    origin: str
    orgs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppSource:
    """A service app, where it is set, and the orgs that are set beside its id and its key.

    ``key`` is a file, or text that is the key or names its file. ``missing`` names a required
    setting that is not set.
    """

    origin: str
    orgs: tuple[str, ...]
    client_id: str
    key: Path | Secret | None
    key_origin: str
    key_id: str | None = None
    limit: ScopeLimit | None = None
    missing: str | None = None


Source = TokenSource | AppSource | TokenKeyring
"""A place. The keyring can have a token for each org."""


def credential_sources(
    layers: Sequence[Layer],
    tools: Sequence[Layer],
    sandboxes: Sequence[SandboxRun],
    keyring: TokenKeyring | None = None,
) -> list[Source]:
    """Return every place that a credential can come from, strongest first.

    Our settings win over the keyring, and that over Okta's tools. The token of a running sandbox
    wins over all of them, except over an app that is set for a sandbox.

    Raises ConfigurationError for a value that is not text, or for a token beside an app.
    """
    ours = list(_of_layers(layers))
    of_tools = [source for tool in tools for source in _of_layers([tool])]
    for_sandboxes = [source for source in (*ours, *of_tools) if _is_app_of_sandbox(source)]
    return [
        *for_sandboxes,
        *(
            TokenSource(Secret(sandbox.token), "the running sandbox", (sandbox.org_url,))
            for sandbox in sandboxes
            if sandbox.token and _is_loopback(sandbox.org_url)
        ),
        *(source for source in ours if source not in for_sandboxes),
        *([] if keyring is None else [keyring]),
        *(source for source in of_tools if source not in for_sandboxes),
    ]


def sandbox_urls(sandboxes: Sequence[SandboxRun]) -> list[str]:
    """Return the addresses of sandboxes; a run file that names another machine is ignored."""
    return [sandbox.org_url for sandbox in sandboxes if _is_loopback(sandbox.org_url)]


def _is_app_of_sandbox(source: TokenSource | AppSource) -> bool:
    if not isinstance(source, AppSource) or not source.orgs:
        return False
    return all(org.strip().lower() == SANDBOX or _is_loopback(org) for org in source.orgs)


def _is_loopback(text: str) -> bool:
    try:
        return parse_org(text).is_loopback
    except NotAnOrg:
        return False


def _of_layers(layers: Sequence[Layer]) -> Iterator[TokenSource | AppSource]:
    """Yield the token of each layer, and one app, whose parts may be in several layers."""
    app_found = False
    for layer in layers:
        of_app = next((name for name in ("client_id", *_KEYS) if name in layer.values), None)
        if "token" in layer.values:
            token = _read(layer, "token")
            if of_app:
                raise ConfigurationError(
                    f"{token.origin} and {layer.origins[of_app]} cannot be used together",
                    next_step="set a token, or a service app's client id and key",
                )
            yield TokenSource(Secret(token.text), token.origin, token.orgs)
        if of_app and not app_found:
            app_found = True
            yield _app(layers)


@dataclass(frozen=True, slots=True)
class _Value:
    name: str
    text: str
    origin: str
    orgs: tuple[str, ...]


def _app(layers: Sequence[Layer]) -> AppSource:
    client_id, key = _find(layers, "client_id"), _find(layers, *_KEYS)
    parts = [part for part in (client_id, key) if part]
    key_id = _find(layers, "key_id")
    limits = (_limit(layer) for layer in layers if "scopes" in layer.values)
    return AppSource(
        origin=parts[0].origin,
        orgs=tuple(dict.fromkeys(org for part in parts for org in part.orgs)),
        client_id=client_id.text if client_id else "",
        key=_key(key) if key else None,
        key_origin=key.origin if key else "",
        key_id=key_id.text if key_id else None,
        limit=next(limits, None),
        missing=_missing(layers, client_id, key),
    )


def _missing(layers: Sequence[Layer], client_id: _Value | None, key: _Value | None) -> str | None:
    if client_id is None:
        return "client_id"
    if not client_id.text:
        return client_id.origin
    return None if key else layers[-1].origins.get("private_key", "private_key_file")


def _key(key: _Value) -> Path | Secret:
    return Secret(key.text) if key.name == "private_key" else Path(key.text).expanduser()


def _limit(layer: Layer) -> ScopeLimit:
    value, origin = layer.values["scopes"], layer.origins["scopes"]
    listed = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(scope, str) for scope in listed):
        raise ConfigurationError(f"{origin} must be a list of strings")
    if not listed:
        raise ConfigurationError(
            f"{origin} is empty",
            next_step="list scopes in it, or remove it to request each scope when it is needed",
        )
    return ScopeLimit(tuple(listed), origin)


def _find(layers: Sequence[Layer], *names: str) -> _Value | None:
    """Return the strongest value of a setting, or of the first of several that is set."""
    found = (_read(layer, name) for name in names for layer in layers if name in layer.values)
    return next(found, None)


def _read(layer: Layer, name: str) -> _Value:
    value: Any = layer.values[name]
    if not isinstance(value, str) or (not value and name != "client_id"):
        raise ConfigurationError(f"{layer.origins[name]} must be a string that is not empty")
    org: Any = layer.values.get("org")
    return _Value(name, value, layer.origins[name], (org,) if isinstance(org, str) and org else ())
