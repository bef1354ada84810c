"""Which org a command works in, with which credential, and the commands that name it."""

import shlex
from contextlib import suppress

from okhook.cli.context import Context
from okhook.cli.prompts import agree_to_org
from okhook.cli.remedies import flags_of, with_flags
from okhook.config.paths import home_directory
from okhook.config.setting import Setting
from okhook.errors import OkhookError
from okhook.okta.auth.access import NoOrg, OrgAccess, choose_org, org_access, the_sandbox
from okhook.okta.auth.okta_tools import okta_tools
from okhook.okta.auth.sources import SANDBOX
from okhook.runtime.run_files import SandboxRun
from okhook.wire.org import Org


def access_of(ctx: Context) -> OrgAccess:
    """Return the org that the settings name, or the running sandbox, and the credential for it."""
    return access_to(ctx, org_of(ctx))


def access_to(ctx: Context, org: Setting[Org]) -> OrgAccess:
    """Return an org with the credential for it."""
    return org_access(
        org,
        ctx.settings,
        ctx.environ,
        home_directory(),
        ctx.run_directory,
        agree=lambda org, credential: agree_to_org(ctx, org, credential.origin),
    )


def org_of(ctx: Context) -> Setting[Org]:
    """Return the org that the settings name, or the running sandbox; say so if it is that."""
    try:
        return named_org_of(ctx)
    except NoOrg as missing:
        org = the_sandbox(ctx.run_directory.running(SandboxRun), missing)
    ctx.console.note_once(f"no org is set: using the running sandbox, {org.value.url}")
    return org


def named_org_of(ctx: Context) -> Setting[Org]:
    """Return the org that the settings name, even if there is no credential for it."""
    sandboxes = ctx.run_directory.running(SandboxRun)
    return choose_org(ctx.settings.org, okta_tools(ctx.environ, home_directory()), sandboxes)


def command_to_paste(ctx: Context, *words: str, org: str | None = None) -> str:
    """Return an okhook command to paste, with the flags of this command.

    It is for ``org``, or else for the same org as this command.
    """
    line = with_flags(("okhook", *words), ctx.settings.layers[0])
    if "org" in flags_of(line):
        line += ("--org", org) if org is not None else _running_sandbox(ctx)
    return shlex.join(line)


def _running_sandbox(ctx: Context) -> tuple[str, ...]:
    """Return the flag for an org that no setting names."""
    if ctx.settings.org is not None:
        return ()
    with suppress(OkhookError):
        named_org_of(ctx)
        return ()
    return ("--org", SANDBOX) if ctx.run_directory.running(SandboxRun) else ()
