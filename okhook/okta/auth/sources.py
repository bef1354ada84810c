"""The places that a credential can come from, each with the orgs that it is for.

A place that names an org beside its token or app is for that org alone. A place that names no org
is for any.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from okhook.config.paths import expanded
from okhook.config.setting import Layer, Setting, is_projects
from okhook.errors import ConfigurationError, CredentialsError
from okhook.okta.auth.credential import (
    EVENT_HOOKS_MANAGE,
    LOGS_READ,
    AccessTokenCredential,
    Credential,
    ServiceAppCredential,
    SswsCredential,
)
from okhook.okta.auth.keyring import TokenKeyring
from okhook.okta.auth.private_key import PrivateKey, key_in_file, key_in_text
from okhook.runtime.run_files import SandboxRun
from okhook.secret import Secret
from okhook.text import REMOVE_QUOTES, is_quoted, plain
from okhook.wire.org import NotAnOrg, Org, parse_org

SANDBOX = "sandbox"
"""The name for the org that ``okhook sandbox`` runs on this machine."""

KEYRING = "the keyring"
"""The origin of a token that ``okhook login`` stored."""

RUNNING_SANDBOX = "the running sandbox"
_NOT_IN_SCOPES = frozenset("[](){}<>\"';|")
"""What a list in JSON or another form has, and no scope of Okta's."""

_KEYS = ("private_key_file", "private_key")


@dataclass(frozen=True, slots=True)
class Source:
    """A place, and the orgs that it is for; empty for any org.

    One that ``is_bound`` may be used for an org that a project's file names: its own place names
    that org, too, or it is the project's own. ``credential`` returns the credential for an org, or
    None; it may read a file or the keyring.
    """

    origin: str
    orgs: tuple[str, ...]
    credential: Callable[[Org], Credential | None]
    is_app: bool = False
    is_bound: bool = False


def credential_sources(
    layers: Sequence[Layer],
    tools: Sequence[Layer],
    sandboxes: Sequence[SandboxRun],
    keyring: TokenKeyring | None = None,
) -> list[Source]:
    """Return every place that a credential can come from, strongest first.

    Our settings win over the keyring, and that over Okta's tools. The token of a running sandbox
    wins over all of them, except over an app that is set for a sandbox.
    """
    ours = list(_of_layers(layers))
    of_tools = [source for tool in tools for source in _of_layers([tool])]
    for_sandboxes = [source for source in (*ours, *of_tools) if _is_app_of_sandbox(source)]
    return [
        *for_sandboxes,
        *(
            _token_source(sandbox.token, RUNNING_SANDBOX, (sandbox.org_url,))
            for sandbox in sandboxes
            if sandbox.token and _is_loopback(sandbox.org_url)
        ),
        *(source for source in ours if source not in for_sandboxes),
        *([] if keyring is None else [Source(KEYRING, (), partial(_of_keyring, keyring))]),
        *(source for source in of_tools if source not in for_sandboxes),
    ]


def sandbox_urls(sandboxes: Sequence[SandboxRun]) -> list[str]:
    """Return the addresses of sandboxes; a run file that names another machine is ignored."""
    return [sandbox.org_url for sandbox in sandboxes if _is_loopback(sandbox.org_url)]


def checked_token(token: Secret, origin: str) -> Secret:
    """Return the token without ``SSWS``; raise CredentialsError if it cannot be a token."""
    text = token.reveal().strip()
    scheme, _, rest = text.partition(" ")
    if scheme.upper() == "SSWS":
        text = rest.strip()
    source = "create one in the Admin Console under Security → API → Tokens"
    _check_form(text, f"the token from {origin}", source, "letters, digits, - and _")
    return Secret(text)


def _is_app_of_sandbox(source: Source) -> bool:
    for_sandboxes = (org.strip().lower() == SANDBOX or _is_loopback(org) for org in source.orgs)
    return source.is_app and bool(source.orgs) and all(for_sandboxes)


def _is_loopback(text: str) -> bool:
    try:
        return parse_org(text).is_loopback
    except NotAnOrg:
        return False


def _of_keyring(keyring: TokenKeyring, org: Org) -> Credential | None:
    token = keyring.of(org)
    if token is None:
        return None
    again = f"create a new one and store it: okhook login --org {org.host}"
    return SswsCredential(checked_token(token, KEYRING), KEYRING, again)


def _of_layers(layers: Sequence[Layer]) -> Iterator[Source]:
    """Yield the tokens of each layer, and one app, whose parts may be in several layers."""
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
            yield _token_source(token.text, token.origin, token.orgs)
        if "access_token" in layer.values:
            yield _access_token_source(_read(layer, "access_token"))
        if of_app and not app_found:
            app_found = True
            yield _app_source(layers)


def _token_source(token: str, origin: str, orgs: tuple[str, ...]) -> Source:
    def credential(org: Org) -> Credential:
        again = None
        if org.is_loopback:  # a sandbox has no Admin Console to make a token in
            again = (
                f"a restarted sandbox has a new token: set {origin} to the token that it printed"
            )
        if origin == RUNNING_SANDBOX:
            again = "a restarted sandbox has a new token: run the command again to use it"
        return SswsCredential(checked_token(Secret(token), origin), origin, again)

    return Source(origin, orgs, credential, is_bound=bool(orgs) or is_projects(origin))


def _access_token_source(token: "_Value") -> Source:
    def credential(_: Org) -> Credential:
        text = re.sub(r"^bearer\s+", "", token.text.strip(), flags=re.IGNORECASE)
        where, form = "request one from the org", "letters, digits, dots, - and _"
        _check_form(text, f"the access token from {token.origin}", where, form)
        return AccessTokenCredential(Secret(text), token.origin)

    return Source(token.origin, token.orgs, credential, is_bound=bool(token.orgs))


@dataclass(frozen=True, slots=True)
class _Value:
    name: str
    text: str
    origin: str
    orgs: tuple[str, ...]


def _app_source(layers: Sequence[Layer]) -> Source:
    client_id, key, key_id = (
        _find(layers, *names) for names in (("client_id",), _KEYS, ("key_id",))
    )
    limit = next((_limit(layer) for layer in layers if "scopes" in layer.values), None)
    parts = [part for part in (client_id, key) if part]
    origin = parts[0].origin

    def app(_: Org) -> Credential:
        missing = client_id.origin if client_id else "client_id"
        if client_id and client_id.text and key is None:
            missing = layers[-1].origins.get("private_key", "private_key_file")
        if client_id is None or not client_id.text or key is None:
            raise ConfigurationError(
                f"the service app from {origin} is incomplete: {missing} is not set",
                next_step="set its client id and its private key",
            )
        private_key, warnings = _private_key(key, key_id.text if key_id else None)
        text = client_id.text.strip()
        where = "copy it from the app in the Admin Console, under Applications"
        _check_form(text, f"the client id from {origin}", where, "letters and digits, like 0oa…")
        return ServiceAppCredential(text, private_key, origin, key.origin, limit, warnings)

    orgs = tuple(dict.fromkeys(org for part in parts for org in part.orgs))
    is_bound = any(part.orgs and not is_projects(part.origin) for part in parts)
    return Source(origin, orgs, app, is_app=True, is_bound=is_bound)


def _private_key(key: _Value, key_id: str | None) -> tuple[PrivateKey, tuple[str, ...]]:
    """Read the key. Text that is neither a key nor a file may be a secret: no error repeats it."""
    if key.name == "private_key_file":
        return key_in_file(expanded(key.text, key.origin), key.origin, key_id)
    if is_quoted(key.text):
        raise ConfigurationError(f"{key.origin}: the value is in quotes", next_step=REMOVE_QUOTES)
    is_key = key.text.startswith("{") or "-----BEGIN" in key.text
    path = os.path.expanduser(key.text)  # noqa: PTH111 - of a text that may be no path
    if not is_key and os.path.isfile(path):  # noqa: PTH113
        return key_in_file(Path(path), key.origin, key_id)
    if not is_key:
        raise ConfigurationError(
            f"{key.origin} is neither a private key nor the path of an existing file",
            next_step="set it to the path of the key's file, or to the key: a JWK, or a PEM that"
            " begins with -----BEGIN PRIVATE KEY-----",
        )
    return key_in_text(key.text, key.origin, key_id), ()


def _check_form(text: str, what: str, where_to_get_it: str, form: str) -> None:
    """Raise CredentialsError for a placeholder, a variable that no shell saw, or a bad copy."""
    if is_quoted(text):
        raise CredentialsError(f"{what} is in quotes", next_step=REMOVE_QUOTES)
    if not text or text.startswith(("{", "<", "$")):
        raise CredentialsError(f"{what} is a placeholder", next_step=where_to_get_it)
    if not text.isascii() or not text.isprintable() or " " in text:
        raise CredentialsError(
            f"{what} contains invalid characters", next_step=f"copy it again: expected {form}"
        )


def _limit(layer: Layer) -> Setting[tuple[str, ...]]:
    value, origin = layer.values["scopes"], layer.origins["scopes"]
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(scope, str) for scope in listed):
        raise Setting(value, origin).must_be("a list of strings")
    if any(map(is_quoted, listed)):
        raise ConfigurationError(f"{origin}: the value is in quotes", next_step=REMOVE_QUOTES)
    listed = " ".join(listed).replace(",", " ").split()
    if wrong := next((each for each in listed if set(each) & _NOT_IN_SCOPES), None):
        shown = value if isinstance(value, str) else wrong
        raise ConfigurationError(
            f"invalid {origin} value '{plain(shown, limit=80)}': expected scopes with commas"
            f" between them, such as {EVENT_HOOKS_MANAGE},{LOGS_READ}"
        )
    if not listed:
        raise ConfigurationError(
            f"{origin} is empty",
            next_step="list scopes in it, or remove it to request each scope when it is needed",
        )
    return Setting(tuple(listed), origin)


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
