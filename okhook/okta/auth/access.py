"""Choose the org that a command works with, and the credential for it.

A credential that is for another org is never used, even where there is no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from okhook.config.setting import Setting
from okhook.config.settings import Settings
from okhook.errors import ConfigurationError, CredentialsError
from okhook.okta.auth.credential import Credential, ServiceAppCredential, SswsCredential
from okhook.okta.auth.keyring import KeyringTrouble, TokenKeyring
from okhook.okta.auth.okta_tools import OktaTool, okta_tools
from okhook.okta.auth.private_key import PrivateKey, key_in_file, key_in_text
from okhook.okta.auth.sources import (
    SANDBOX,
    AppSource,
    Source,
    TokenSource,
    credential_sources,
    sandbox_urls,
)
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.runs import SandboxRun
from okhook.secret import Secret
from okhook.wire.org import NotAnOrg, Org, parse_org

KEYRING = "the keyring"
"""Where a token comes from that ``okhook login`` has kept."""


class NoOrg(ConfigurationError):
    """No place names an org."""


@dataclass(frozen=True, slots=True)
class OrgAccess:
    """An org, the place that names it, and the credential for it."""

    org: Org
    origin: str
    credential: Credential


def org_access(
    settings: Settings, environ: Mapping[str, str], home: Path, run_directory: RunDirectory
) -> OrgAccess:
    """Return the org to work with, and the credential for it.

    Raises:
        InvalidInput, ConfigurationError: no org, or not one.
        CredentialsError: no token or app for that org.
    """
    tools, sandboxes = okta_tools(environ, home), run_directory.running(SandboxRun)
    org = choose_org(settings.org, tools, sandboxes)
    of_tools = [tool.credential for tool in tools if tool.credential]
    sources = credential_sources(settings.layers, of_tools, sandboxes, TokenKeyring())
    return OrgAccess(org.value, org.origin, credential_for(org.value, sources, sandboxes))


def choose_org(
    setting: Setting[str] | None, tools: Sequence[OktaTool], sandboxes: Sequence[SandboxRun]
) -> Setting[Org]:
    """Return the org to work with: by ``--org`` or its settings, else by Okta's own tools.

    Raises:
        NoOrg: none is set anywhere.
        InvalidInput: what the flag says is no org, or there is no sandbox, or there are several.
        ConfigurationError: the same from another place.
    """
    setting = setting or next((tool.org for tool in tools if tool.org), None)
    if setting is None:
        without = (
            "--org sandbox is the one that runs here"
            if sandbox_urls(sandboxes)
            else "`okhook up --sandbox` needs none"
        )
        raise NoOrg(
            "no org is set",
            next_step=f"name it with --org, OKHOOK_ORG, or org in okhook.toml; {without}",
        )
    if setting.value.strip().lower() == SANDBOX:
        return Setting(_the_sandbox(setting, sandboxes), setting.origin)
    try:
        return Setting(parse_org(setting.value), setting.origin)
    except NotAnOrg as error:
        raise setting.fault(f"{setting.origin} is not an Okta org", why=str(error)) from None


def credential_for(
    org: Org, sources: Sequence[Source], sandboxes: Sequence[SandboxRun]
) -> Credential:
    """Return the strongest credential that is for ``org``, or for no org in particular.

    Raises:
        CredentialsError: no place has one for the org; or it is a placeholder, or holds characters
            that no token has.
        ConfigurationError: a service app is not set completely, or its key cannot be read.
    """
    passed_over: list[str] = []
    for source in sources:
        if not isinstance(source, TokenSource | AppSource):
            try:
                token = source.of(org)
            except KeyringTrouble as trouble:
                passed_over.append(f"{trouble.what}: {trouble.why}")
                continue
            if token is not None:
                again = f"make a new one, and keep it: okhook login --org {org.host}"
                return SswsCredential(checked_token(token, KEYRING), KEYRING, again)
        elif not all(_is_named(org, named, sandboxes) for named in source.orgs):
            passed_over.append(f"{source.origin} is for {' and '.join(source.orgs)}")
        elif isinstance(source, AppSource):
            return _app(source)
        else:
            token = checked_token(source.token, source.origin)
            return SswsCredential(token, source.origin, _how_to_replace(source, org, sandboxes))
    raise CredentialsError(
        f"there is no API token for {org.host}",
        why="\n".join(passed_over) or None,
        next_step=f"keep one: okhook login --org {org.host}; or set OKHOOK_TOKEN, with OKHOOK_ORG"
        " beside it; or OKTA_CLIENT_TOKEN with OKTA_CLIENT_ORGURL; or token and org in okhook.toml;"
        " or a service app's client_id and private_key_file",
    )


def checked_token(token: Secret, origin: str) -> Secret:
    """Return the token without the scheme that people paste with it.

    Raises:
        CredentialsError: it is a placeholder, or holds characters that no token has.
    """
    text = token.reveal().strip()
    scheme, _, rest = text.partition(" ")
    if scheme.upper() == "SSWS":
        text = rest.strip()
    return Secret(
        _one_word(
            text,
            f"the token from {origin}",
            where_to_get_it="make one in the Admin Console under Security → API → Tokens",
            odd="that no token has",
            form="letters, digits, - and _",
        )
    )


def _how_to_replace(source: TokenSource, org: Org, sandboxes: Sequence[SandboxRun]) -> str | None:
    """Return how a sandbox's token is replaced, which has no Admin Console to make one in."""
    if not org.is_loopback:
        return None
    if _is_sandbox(org, sandboxes):
        return "a sandbox started anew has a new token: run the command again, which takes that"
    return f"a sandbox started anew has a new token: set the one that it showed ({source.origin})"


def _app(source: AppSource) -> ServiceAppCredential:
    if source.missing is not None or source.client_id is None or source.key is None:
        raise ConfigurationError(
            f"the service app from {source.origin} is not whole: {source.missing} is not set",
            next_step="an app needs its client id and its private key",
        )
    key, warnings = _key(source, source.key)
    client_id = _one_word(
        source.client_id.strip(),
        f"the client id from {source.origin}",
        where_to_get_it="copy it from the app in the Admin Console, under Applications",
        odd="that none has",
        form="letters and digits, like 0oa…",
    )
    return ServiceAppCredential(
        client_id, key, source.origin, source.key_origin, source.limit, warnings
    )


def _key(source: AppSource, key: Path | Secret) -> tuple[PrivateKey, tuple[str, ...]]:
    """Read the key. A text that is neither key nor file may be a secret: no error repeats it."""
    if isinstance(key, Path):
        return key_in_file(key, source.key_origin, source.key_id)
    text = key.reveal()
    if text.startswith("{") or "-----BEGIN" in text or not _is_file(text):
        return key_in_text(text, source.key_origin, source.key_id), ()
    return key_in_file(Path(text), source.key_origin, source.key_id)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _one_word(text: str, what: str, *, where_to_get_it: str, odd: str, form: str) -> str:
    """Return a text that may be a token or an id; raise for a placeholder or a bad copy."""
    if not text or text.startswith(("{", "<")):
        raise CredentialsError(f"{what} is still a placeholder", next_step=where_to_get_it)
    if not text.isascii() or not text.isprintable() or " " in text:
        raise CredentialsError(
            f"{what} holds characters {odd}", next_step=f"copy it again: it is {form}"
        )
    return text


def _the_sandbox(setting: Setting[str], sandboxes: Sequence[SandboxRun]) -> Org:
    addresses = sandbox_urls(sandboxes)
    if not addresses:
        raise setting.fault("no sandbox is running", next_step="start one: okhook sandbox")
    if len(addresses) > 1:
        raise setting.fault(
            f"{len(addresses)} sandboxes are running",
            why="\n".join(addresses),
            next_step="name one by its URL: --org URL",
        )
    return parse_org(addresses[0])


def _is_named(org: Org, named: str, sandboxes: Sequence[SandboxRun]) -> bool:
    """Tell whether a place that names ``named`` means ``org``."""
    if named.strip().lower() == SANDBOX:
        return _is_sandbox(org, sandboxes)
    return is_address_of(org, named)


def _is_sandbox(org: Org, sandboxes: Sequence[SandboxRun]) -> bool:
    return any(is_address_of(org, url) for url in sandbox_urls(sandboxes))


def is_address_of(org: Org, text: str) -> bool:
    """Tell whether a text names ``org``; on this machine the port alone tells sandboxes apart."""
    try:
        named = parse_org(text)
    except NotAnOrg:
        return False
    if named.is_loopback and org.is_loopback:
        return urlsplit(named.url).port == urlsplit(org.url).port
    return named == org
