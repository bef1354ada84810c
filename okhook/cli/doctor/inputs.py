"""The parts of ``okhook doctor``, from settings: what cannot be meant becomes a finding."""

import importlib.metadata
import os
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from okhook.cli.context import Context, start, started
from okhook.cli.hooks.view import render_hooks
from okhook.cli.org_session import command_line, publisher
from okhook.cli.serve.run import receiver_config
from okhook.config.hook_auth import hook_auth
from okhook.config.layers import environment_layer, flag_layer
from okhook.config.okta_tools import okta_tools
from okhook.config.paths import PROJECT_FILE, user_file, working_directory
from okhook.config.setting import Setting
from okhook.config.settings import Settings
from okhook.doctor.checks_hookdeck import HookdeckWanted
from okhook.doctor.commands import SECRET_FILE, SECRET_FILE_FLAG, Commands
from okhook.doctor.finding_the_hook import HookMeant
from okhook.doctor.parts import LocalParts, OrgParts, ProgramParts
from okhook.doctor.place import Place
from okhook.doctor.proxy import proxy_of
from okhook.errors import ConfigurationError, OkhookError
from okhook.http.client import HttpClient
from okhook.okta.auth.access import org_access, org_meant
from okhook.okta.auth.credential import Credential
from okhook.okta.client import OktaClient
from okhook.okta.remembered import RememberedHooks
from okhook.okta.retry import RetryPolicy
from okhook.runtime.child import BeforeHardExit
from okhook.runtime.ids import utc_now
from okhook.version import __version__
from okhook.wire.org import Org

_OKTA_YAML = (".okta", "okta.yaml")
_IN_A_HURRY = RetryPolicy(tries=2, first_wait_s=0.2, longest_wait_s=0.5, rate_limit_waits=0)
"""Each check has its time: an org that stumbles is asked once more, "later" is told."""


def begin(flags: Mapping[str, Any]) -> tuple[Context, OkhookError | None]:
    """Read the settings; where a file cannot be, go on with flags and variables, and say why."""
    try:
        return start(flags), None
    except ConfigurationError as fault:
        environ = dict(os.environ)
        return started(Settings([flag_layer(flags), environment_layer(environ)]), environ), fault


def check_timeout_s(ctx: Context) -> float:
    """Return how long a check may take, by the settings.

    Raises:
        InvalidInput, ConfigurationError: the setting cannot be meant.

    """
    return ctx.settings.check_timeout.value


def program_parts(ctx: Context, fault: OkhookError | None, timeout_s: float) -> ProgramParts:
    """Return what is known whatever the settings say. ``fault`` is why they cannot be used."""
    return ProgramParts(
        version=__version__,
        python=sys.version_info[:3],
        requires_python=_requires_python(),
        store_file=ctx.store_file,
        settings_files=[] if fault is not None else _files_read(ctx),
        settings=ctx.settings.shown(),
        settings_fault=fault,
        now=utc_now,
        timeout_s=timeout_s,
    )


def local_parts(ctx: Context, http: HttpClient, before_hard_exit: BeforeHardExit) -> LocalParts:
    """Return this machine's parts.

    Raises:
        InvalidInput, ConfigurationError: a setting cannot be meant, or the state directory cannot
            be looked into.

    """
    # Most checks look there, and would each fail for the same reason.
    ctx.run_directory.running("")
    settings = ctx.settings
    ctx.hook_auth()
    receiver = receiver_config(ctx, None)
    named = settings.hookdeck
    url = settings.url or settings.public_url
    return LocalParts(
        store_file=ctx.store_file,
        run_directory=ctx.run_directory,
        host=receiver.host,
        place=Place(receiver.port, receiver.path),
        auth=hook_auth(settings),
        url=url,
        hookdeck=HookdeckWanted(
            None if named is None else named.value,
            "" if named is None else named.origin,
            _why_no_tunnel(ctx, url),
        ),
        environ=ctx.environ,
        directory=working_directory(),
        http=http,
        before_hard_exit=before_hard_exit,
        commands=Commands(
            for_org=lambda *words: command_line(ctx, *words),
            secret=tuple(_secret_flags(settings)),
            own_path=None if settings.path.from_flag else receiver.path,
        ),
    )


def org_parts(ctx: Context, local: LocalParts, hook: str | None) -> OrgParts:
    """Return the org's parts, as far as an org and a credential for it are set."""
    org = _org(ctx)
    credential = _credential(ctx) if isinstance(org, Setting) else None
    client = None
    if isinstance(org, Setting) and not isinstance(credential, OkhookError | None):
        client = OktaClient(
            org.value,
            credential,
            local.http,
            publish=publisher(ctx.console, render_hooks),
            secrets=() if local.auth is None else (local.auth.value.secret,),
            retry=_IN_A_HURRY,
        )
    proxies = urllib.request.getproxies()
    return OrgParts(
        org=org,
        proxy=proxy_of(org.value.url, proxies) if isinstance(org, Setting) else None,
        credential=credential,
        client=client,
        remembered=RememberedHooks(ctx.state),
        sandbox_runs=bool(ctx.run_directory.running("sandbox-")),
        meant=HookMeant(hook, ctx.settings.hook_name.value),
    )


def _files_read(ctx: Context) -> list[Path]:
    files = (
        working_directory() / PROJECT_FILE,
        user_file(ctx.environ),
        Path.home().joinpath(*_OKTA_YAML),
    )
    return [file for file in files if file.is_file()]


def _org(ctx: Context) -> Setting[Org] | OkhookError | None:
    tools = okta_tools(ctx.environ, Path.home())
    if ctx.settings.org is None and not any(tool.org for tool in tools):
        return None
    try:
        return org_meant(ctx.settings, ctx.environ, Path.home(), ctx.run_directory)
    except OkhookError as fault:
        return fault


def _credential(ctx: Context) -> Credential | OkhookError | None:
    try:
        access = org_access(ctx.settings, ctx.environ, Path.home(), ctx.run_directory)
    except OkhookError as fault:
        return fault
    return access.credential


def _secret_flags(settings: Settings) -> Iterator[str]:
    """Yield the flags that give another command the secret which is set here, and never itself.

    A secret that stands in a variable or a file is found there by every command.
    """
    given, field = hook_auth(settings), settings.auth_field
    if given is None:
        return
    if field.from_flag:
        yield from ("--auth-field", field.value)
    match given.origin:
        case "--basic-auth":
            yield from ("--basic-auth", "USER:PASSWORD")
        case "--auth-secret":
            yield from (SECRET_FILE_FLAG, SECRET_FILE)
        case "--auth-secret-file":
            yield from (SECRET_FILE_FLAG, _file_of_secret(settings))


def _file_of_secret(settings: Settings) -> str:
    file = settings.auth_secret_file
    return SECRET_FILE if file is None else file.value


def _why_no_tunnel(ctx: Context, url: Setting[str] | None) -> str | None:
    if url is not None:
        return f"a URL is set by {url.origin}"
    org = _org(ctx)
    if isinstance(org, Setting) and org.value.is_loopback:
        return "the org is on this machine"
    return None


def _requires_python() -> str | None:
    try:
        return importlib.metadata.metadata("okhook")["Requires-Python"]
    except importlib.metadata.PackageNotFoundError:
        return None
