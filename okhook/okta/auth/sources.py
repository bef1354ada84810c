"""The places that a credential comes from, each with the orgs that it is for.

A place that names an org beside its token or its app (the SDKs' variables, Terraform's,
``okta.yaml``, our own variables and files) speaks for that org alone. A place that names no org
goes with any.
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
"""The org that ``okhook sandbox`` runs on this machine."""

_OF_AN_APP = ("client_id", "private_key_file")


@dataclass(frozen=True, slots=True)
class TokenSource:
    """A token, where it stands, and the orgs that it is for; none for any."""

    token: Secret
    origin: str
    orgs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppSource:
    """A service app, where it stands, and the orgs that stand beside its id and its key.

    ``key`` is the file, or a text that is the key or names the file. ``missing`` names what is not
    set although the app cannot do without it.
    """

    origin: str
    orgs: tuple[str, ...]
    client_id: str | None
    key: Path | Secret | None
    key_origin: str
    key_id: str | None = None
    limit: ScopeLimit | None = None
    missing: str | None = None


Source = TokenSource | AppSource | TokenKeyring
"""A place. The keyring has a token for each org that one was kept for."""


def credential_sources(
    layers: Sequence[Layer],
    of_tools: Sequence[TokenSource | AppSource],
    sandboxes: Sequence[SandboxRun],
    keyring: TokenKeyring | None = None,
) -> list[Source]:
    """Return every place that a credential may come from, strongest first.

    A running sandbox knows its own token, but an app that is set for a sandbox goes before it.
    What is set by hand goes before the keyring. ``of_tools`` are those of Okta's own tools.

    Raises:
        ConfigurationError: a value that is not text, or a token and an app in one place.
    """
    set_by_hand = list(_of_layers(layers))
    for_sandboxes = [source for source in (*set_by_hand, *of_tools) if _is_app_of_sandbox(source)]
    return [
        *for_sandboxes,
        *(
            TokenSource(Secret(sandbox.token), "the running sandbox", (sandbox.org_url,))
            for sandbox in sandboxes
            if sandbox.token and _is_loopback(sandbox.org_url)
        ),
        *(source for source in set_by_hand if source not in for_sandboxes),
        *([] if keyring is None else [keyring]),
        *(source for source in of_tools if source not in for_sandboxes),
    ]


def sandbox_urls(sandboxes: Sequence[SandboxRun]) -> list[str]:
    """Return the addresses in the run files of sandboxes, where they are on this machine."""
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
    """Yield a token of each layer, and one app: its parts may stand in several layers."""
    app_is_due = True
    for layer in layers:
        of_app = [layer.origins[name] for name in _OF_AN_APP if name in layer.values]
        if "token" in layer.values:
            origin = layer.origins["token"]
            if of_app:
                raise ConfigurationError(
                    f"{origin} and {of_app[0]} contradict each other",
                    next_step="set a token, or a service app's client id and key",
                )
            yield TokenSource(Secret(_text(layer, "token")), origin, _orgs_beside(layer))
        if of_app and app_is_due:
            app_is_due = False
            yield _app(layers)


def _app(layers: Sequence[Layer]) -> AppSource:
    by_name = {
        name: next((layer for layer in layers if name in layer.values), None)
        for name in (*_OF_AN_APP, "key_id", "scopes")
    }
    of_id, of_key, of_key_id, of_scopes = by_name.values()
    key_origin = "" if of_key is None else of_key.origins["private_key_file"]
    orgs = (org for layer in (of_id, of_key) if layer for org in _orgs_beside(layer))
    return AppSource(
        origin=key_origin if of_id is None else of_id.origins["client_id"],
        orgs=tuple(dict.fromkeys(orgs)),
        client_id=None if of_id is None else _text(of_id, "client_id"),
        key=None if of_key is None else Path(_text(of_key, "private_key_file")).expanduser(),
        key_origin=key_origin,
        key_id=None if of_key_id is None else _text(of_key_id, "key_id"),
        limit=None if of_scopes is None else _limit(of_scopes),
        missing=next((name for name in _OF_AN_APP if by_name[name] is None), None),
    )


def _limit(layer: Layer) -> ScopeLimit:
    value, origin = layer.values["scopes"], layer.origins["scopes"]
    listed = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(scope, str) for scope in listed):
        raise ConfigurationError(f"{origin} must be a list of texts")
    if not listed:
        raise ConfigurationError(
            f"{origin} names no scope",
            next_step="leave the setting out: then each scope is asked for when it is needed",
        )
    return ScopeLimit(tuple(listed), origin)


def _orgs_beside(layer: Layer) -> tuple[str, ...]:
    org: Any = layer.values.get("org")
    return (org,) if isinstance(org, str) and org else ()


def _text(layer: Layer, name: str) -> str:
    value: Any = layer.values[name]
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{layer.origins[name]} must be text that is not empty")
    return value
