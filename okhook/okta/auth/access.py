"""Choose the org that a command works with, and the credential for it.

A credential that is for another org is never used, even if there is no other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from okhook.config.setting import Layer, Setting
from okhook.config.settings import Settings
from okhook.errors import ConfigurationError, CredentialsError
from okhook.okta.auth.credential import Credential
from okhook.okta.auth.keyring import KeyringTrouble, TokenKeyring
from okhook.okta.auth.okta_tools import okta_tools
from okhook.okta.auth.sources import (
    RUNNING_SANDBOX,
    SANDBOX,
    Source,
    credential_sources,
    sandbox_urls,
)
from okhook.runtime.run_files import RunDirectory, SandboxRun
from okhook.wire.org import NotAnOrg, Org, parse_org


class NoOrg(ConfigurationError):
    """No setting names an org."""


@dataclass(frozen=True, slots=True)
class OrgAccess:
    """An org, the setting that names it, and the credential for it."""

    org: Org
    origin: str
    credential: Credential


def org_access(
    org: Setting[Org],
    settings: Settings,
    environ: Mapping[str, str],
    home: Path | None,
    run_directory: RunDirectory,
    *,
    agree: Callable[[Org, Credential], None],
) -> OrgAccess:
    """Return the org with the credential for it.

    ``agree`` is called if a project's file names the org and the credential comes from elsewhere:
    it raises an error unless a person has confirmed the two. Raises ConfigurationError if a
    service app is incomplete, and CredentialsError if there is no valid credential for the org.
    """
    tools, sandboxes = okta_tools(environ, home), run_directory.running(SandboxRun)
    sources = credential_sources(settings.layers, tools, sandboxes, TokenKeyring())
    source, credential = choose_credential(org.value, sources, sandboxes)
    if org.is_projects and not source.is_bound:
        agree(org.value, credential)
    return OrgAccess(org.value, org.origin, credential)


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
        raise NoOrg(
            "no org is set",
            next_step="set it with --org, OKHOOK_ORG, or org in okhook.toml; for a sandbox, pass"
            " --org sandbox while it runs, or run `okhook up --sandbox`",
        )
    if setting.value.strip().lower() == SANDBOX:
        return Setting(_running_sandbox(setting, sandboxes), setting.origin)
    try:
        return Setting(parse_org(setting.value), setting.origin)
    except NotAnOrg as error:
        raise setting.fault(f"{setting.origin} is not an Okta org", why=str(error)) from None


def the_sandbox(sandboxes: Sequence[SandboxRun], missing: NoOrg) -> Setting[Org]:
    """Return the only sandbox that runs on this machine, or raise ``missing``.

    A running ``okhook up`` of a real org is no such default: real people use that org.
    """
    addresses = sandbox_urls(sandboxes)
    if len(addresses) == 1:
        return Setting(parse_org(addresses[0]), RUNNING_SANDBOX)
    if addresses:
        missing.why = "\n".join([f"{len(addresses)} sandboxes are running:", *addresses])
        missing.next_step = f"choose one, such as --org {addresses[0]}"
    raise missing


def choose_credential(
    org: Org, sources: Sequence[Source], sandboxes: Sequence[SandboxRun]
) -> tuple[Source, Credential]:
    """Return the strongest credential that is for ``org``, or for any org, and its source."""
    not_used: list[str] = []
    for source in sources:
        if not all(_is_name_of(org, named, sandboxes) for named in source.orgs):
            not_used.append(f"{source.origin} is for {' and '.join(source.orgs)}")
            continue
        try:
            if (credential := source.credential(org)) is not None:
                return source, credential
        except KeyringTrouble as trouble:
            not_used.append(f"{trouble.what}: {trouble.why}")
    raise CredentialsError(
        f"found no API token for {org.host}",
        why="\n".join(not_used) or None,
        next_step="set OKHOOK_TOKEN to the token that the sandbox printed when it started"
        if org.is_loopback
        else f"store one with `okhook login --org {org.host}`; or set OKHOOK_TOKEN and OKHOOK_ORG;"
        " or OKTA_CLIENT_TOKEN and OKTA_CLIENT_ORGURL; or token and org in okhook.toml;"
        " or a service app's client_id and private_key_file",
    )


def _running_sandbox(setting: Setting[str], sandboxes: Sequence[SandboxRun]) -> Org:
    addresses = sandbox_urls(sandboxes)
    if not addresses:
        raise setting.fault("no sandbox is running", next_step="start one: okhook up --sandbox")
    if len(addresses) > 1:
        raise setting.fault(
            f"{len(addresses)} sandboxes are running",
            why="\n".join(addresses),
            next_step=f"choose one by its URL, such as --org {addresses[0]}",
        )
    return parse_org(addresses[0])


def _is_name_of(org: Org, text: str, sandboxes: Sequence[SandboxRun]) -> bool:
    if text.strip().lower() == SANDBOX:
        return any(is_address_of(org, url) for url in sandbox_urls(sandboxes))
    return is_address_of(org, text)


def is_address_of(org: Org, text: str) -> bool:
    """Tell whether ``text`` is an address of ``org``. Sandboxes differ by their port alone."""
    try:
        named = parse_org(text)
    except NotAnOrg:
        return False
    if named.is_loopback and org.is_loopback:
        return urlsplit(named.url).port == urlsplit(org.url).port
    return named == org
