"""The org that a command works with, and what opens it, from settings and run files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from okhook.config.okta_tools import okta_tools
from okhook.config.setting import Setting
from okhook.config.settings import Settings
from okhook.okta.credential import Credential
from okhook.okta.credential_sources import credential_sources
from okhook.okta.credentials import choose_org, credential_for
from okhook.okta.token_keyring import TokenKeyring
from okhook.runtime.run_files import RunDirectory
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class OrgAccess:
    """An org, the place that names it, and the credential for it."""

    org: Org
    origin: str
    credential: Credential


def org_access(
    settings: Settings, environ: Mapping[str, str], home: Path, run_directory: RunDirectory
) -> OrgAccess:
    """Return the org that is meant and the credential that is for it.

    Raises:
        InvalidInput, ConfigurationError: no org, or not one.
        CredentialsError: no token or app for that org.

    """
    tools = okta_tools(environ, home)
    sandboxes = run_directory.running("sandbox-")
    org: Setting[Org] = choose_org(settings.org, tools, sandboxes)
    sources = credential_sources(settings.layers, tools, sandboxes, TokenKeyring())
    return OrgAccess(org.value, org.origin, credential_for(org.value, sources, sandboxes))


def org_meant(
    settings: Settings, environ: Mapping[str, str], home: Path, run_directory: RunDirectory
) -> Setting[Org]:
    """Return the org that is meant, whether or not there is a credential for it.

    Raises:
        InvalidInput, ConfigurationError: no org, or not one.

    """
    sandboxes = run_directory.running("sandbox-")
    return choose_org(settings.org, okta_tools(environ, home), sandboxes)
