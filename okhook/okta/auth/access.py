"""Choose the org that a command works with, and the credential for it.

A credential that is for another org is never used, even if there is no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from okhook.config.setting import Layer, Setting
from okhook.config.settings import Settings
from okhook.errors import ConfigurationError, CredentialsError
from okhook.okta.auth.credential import Credential, ServiceAppCredential, SswsCredential
from okhook.okta.auth.keyring import KeyringTrouble, TokenKeyring
from okhook.okta.auth.okta_tools import okta_tools
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
"""The origin of a token that ``okhook login`` stored."""


class NoOrg(ConfigurationError):
    """No setting names an org."""


@dataclass(frozen=True, slots=True)
class OrgAccess:
    """An org, the setting that names it, and the credential for it."""

    org: Org
    origin: str
    credential: Credential


def org_access(
    settings: Settings, environ: Mapping[str, str], home: Path, run_directory: RunDirectory
) -> OrgAccess:
    """Return the org to work with, and the credential for it.

    Raises InvalidInput or ConfigurationError if no valid org is set, and CredentialsError if there
    is no credential for it.
    """
    tools, sandboxes = okta_tools(environ, home), run_directory.running(SandboxRun)
    org = choose_org(settings.org, tools, sandboxes)
    sources = credential_sources(settings.layers, tools, sandboxes, TokenKeyring())
    return OrgAccess(org.value, org.origin, credential_for(org.value, sources, sandboxes))


def choose_org(
    setting: Setting[str] | None, tools: Sequence[Layer], sandboxes: Sequence[SandboxRun]
) -> Setting[Org]:
    """Return the org that our settings name, or else Okta's own tools.

    Raises NoOrg if nothing names an org. If the name is invalid, or ``sandbox`` and not exactly one
    is running, raises InvalidInput for a flag and ConfigurationError for another setting.
    """
    if setting is None:
        of_tools = (Setting(t.values["org"], t.origins["org"]) for t in tools if "org" in t.values)
        setting = next(of_tools, None)
    if setting is None:
        without = (
            "for the sandbox that is running, pass --org sandbox"
            if sandbox_urls(sandboxes)
            else "`okhook up --sandbox` needs none"
        )
        raise NoOrg(
            "no org is set",
            next_step=f"set it with --org, OKHOOK_ORG, or org in okhook.toml; {without}",
        )
    if setting.value.strip().lower() == SANDBOX:
        return Setting(_running_sandbox(setting, sandboxes), setting.origin)
    try:
        return Setting(parse_org(setting.value), setting.origin)
    except NotAnOrg as error:
        raise setting.fault(f"{setting.origin} is not an Okta org", why=str(error)) from None


def credential_for(
    org: Org, sources: Sequence[Source], sandboxes: Sequence[SandboxRun]
) -> Credential:
    """Return the strongest credential that is for ``org``, or for any org.

    Raises CredentialsError if there is none or it is invalid, and ConfigurationError if a service
    app is incomplete or its key cannot be read.
    """
    not_used: list[str] = []
    for source in sources:
        if not isinstance(source, TokenSource | AppSource):
            try:
                token = source.of(org)
            except KeyringTrouble as trouble:
                not_used.append(f"{trouble.what}: {trouble.why}")
                continue
            if token is not None:
                again = f"make a new one and store it: okhook login --org {org.host}"
                return SswsCredential(checked_token(token, KEYRING), KEYRING, again)
        elif not all(_is_name_of(org, named, sandboxes) for named in source.orgs):
            not_used.append(f"{source.origin} is for {' and '.join(source.orgs)}")
        elif isinstance(source, AppSource):
            return _app(source)
        else:
            token = checked_token(source.token, source.origin)
            return SswsCredential(token, source.origin, _how_to_replace(source, org, sandboxes))
    raise CredentialsError(
        f"found no API token for {org.host}",
        why="\n".join(not_used) or None,
        next_step=f"store one: okhook login --org {org.host}; or set OKHOOK_TOKEN and OKHOOK_ORG;"
        " or OKTA_CLIENT_TOKEN and OKTA_CLIENT_ORGURL; or token and org in okhook.toml;"
        " or a service app's client_id and private_key_file",
    )


def checked_token(token: Secret, origin: str) -> Secret:
    """Return the token without ``SSWS``; raise CredentialsError if it cannot be a token."""
    text = token.reveal().strip()
    scheme, _, rest = text.partition(" ")
    if scheme.upper() == "SSWS":
        text = rest.strip()
    source = "make one in the Admin Console under Security → API → Tokens"
    _check_form(text, f"the token from {origin}", source, "letters, digits, - and _")
    return Secret(text)


def _how_to_replace(source: TokenSource, org: Org, sandboxes: Sequence[SandboxRun]) -> str | None:
    """Return how to replace a sandbox's token: a sandbox has no Admin Console."""
    if not org.is_loopback:
        return None
    if _is_sandbox(org, sandboxes):
        return "a restarted sandbox has a new token: run the command again to use it"
    return f"a restarted sandbox has a new token: set {source.origin} to the one that it showed"


def _app(source: AppSource) -> ServiceAppCredential:
    if source.missing is not None or source.key is None:
        raise ConfigurationError(
            f"the service app from {source.origin} is incomplete: {source.missing} is not set",
            next_step="set its client id and its private key",
        )
    key, warnings = _key(source, source.key)
    client_id = source.client_id.strip()
    where = "copy it from the app in the Admin Console, under Applications"
    _check_form(
        client_id, f"the client id from {source.origin}", where, "letters and digits, like 0oa…"
    )
    return ServiceAppCredential(
        client_id, key, source.origin, source.key_origin, source.limit, warnings
    )


def _key(source: AppSource, key: Path | Secret) -> tuple[PrivateKey, tuple[str, ...]]:
    """Read the key. Text that is neither a key nor a file may be a secret: no error repeats it."""
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


def _check_form(text: str, what: str, where_to_get_it: str, form: str) -> None:
    """Raise CredentialsError for a placeholder or a bad copy."""
    if not text or text.startswith(("{", "<")):
        raise CredentialsError(f"{what} is a placeholder", next_step=where_to_get_it)
    if not text.isascii() or not text.isprintable() or " " in text:
        raise CredentialsError(
            f"{what} contains invalid characters", next_step=f"copy it again: expected {form}"
        )


def _running_sandbox(setting: Setting[str], sandboxes: Sequence[SandboxRun]) -> Org:
    addresses = sandbox_urls(sandboxes)
    if not addresses:
        raise setting.fault("no sandbox is running", next_step="start one: okhook sandbox")
    if len(addresses) > 1:
        raise setting.fault(
            f"{len(addresses)} sandboxes are running",
            why="\n".join(addresses),
            next_step="choose one by its URL: --org URL",
        )
    return parse_org(addresses[0])


def _is_name_of(org: Org, text: str, sandboxes: Sequence[SandboxRun]) -> bool:
    if text.strip().lower() == SANDBOX:
        return _is_sandbox(org, sandboxes)
    return is_address_of(org, text)


def _is_sandbox(org: Org, sandboxes: Sequence[SandboxRun]) -> bool:
    return any(is_address_of(org, url) for url in sandbox_urls(sandboxes))


def is_address_of(org: Org, text: str) -> bool:
    """Tell whether ``text`` is an address of ``org``. Sandboxes differ by their port alone."""
    try:
        named = parse_org(text)
    except NotAnOrg:
        return False
    if named.is_loopback and org.is_loopback:
        return urlsplit(named.url).port == urlsplit(org.url).port
    return named == org
