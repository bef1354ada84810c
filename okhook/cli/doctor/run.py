"""Run ``okhook doctor``: make the checks, show them, and with ``--fix`` deactivate orphans.

A wrong setting becomes a finding, not an error.
"""

import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import TypeVar

import anyio

from okhook.cli.command_tree import DEBUG
from okhook.cli.context import Context, context_of, open_context
from okhook.cli.doctor.view import DoctorRenderer
from okhook.cli.org_access import access_to, command_to_paste, org_of
from okhook.cli.org_session import opened_org, publisher
from okhook.cli.prompts import confirmed
from okhook.cli.views.org import render_org
from okhook.config.hook_auth import hook_auth
from okhook.config.layers import environment_layer
from okhook.config.names import hook_name
from okhook.config.paths import FILE_NAME, home_directory, user_file, working_directory
from okhook.config.setting import Layer, Setting
from okhook.config.settings import Settings, declared_settings
from okhook.config.shown import shown_settings
from okhook.doctor.check import Checked, Diagnosis, diagnosis_of
from okhook.doctor.checks_hook import OrphanedHook, orphans_of
from okhook.doctor.facts import Facts
from okhook.doctor.run_checks import CHECKS, run_checks
from okhook.doctor.setup import SECRET_FILE, SECRET_FILE_FLAG, Commands, SettingsRead, Setup
from okhook.errors import AnswerIsNo, ConfigurationError, InvalidInput, OkhookError
from okhook.http.client import HttpClient
from okhook.okta.auth.access import NoOrg
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.refusals import NotFound
from okhook.okta.retry import RetryPolicy
from okhook.runtime.child import BeforeHardExit
from okhook.runtime.ids import utc_now
from okhook.runtime.running_here import LocalEndpoint, RunningHere, running_here
from okhook.runtime.service_manager import ServiceManager
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.text import counted, plain

T = TypeVar("T")

_OKTA_YAML = (".okta", "okta.yaml")
_IN_A_HURRY = RetryPolicy(tries=2, first_wait_s=0.2, longest_wait_s=0.5, rate_limit_waits=0)
"""A check has little time: a failed call is tried once more, a rate limit is not waited for."""


def doctor_and_show(flags: Layer, hook: str | None, *, verbose: bool, fix: bool, ask: bool) -> None:
    """Make all checks, and show each, then the diagnosis; with ``fix``, deactivate orphans."""
    ctx, error = _begin(flags)
    renderer = DoctorRenderer(ctx.console, verbose=verbose)
    ctx.console.wait_for("examining")
    try:
        diagnosis, orphans = run_until_done(
            lambda shutdown: _examined(ctx, error, hook, shutdown, renderer),
            interrupted="interrupted before all checks were done",
        )
    finally:
        ctx.console.stop_waiting()
    ctx.console.show(diagnosis, renderer)
    if fix:
        _deactivate_ours(ctx, orphans, ask=ask)
    if count := len(diagnosis.failed):
        raise AnswerIsNo(f"{counted(count, 'check')} failed: {', '.join(diagnosis.failed)}")


async def _examined(
    ctx: Context,
    error: OkhookError | None,
    hook: str | None,
    shutdown: Shutdown,
    renderer: DoctorRenderer,
) -> tuple[Diagnosis, Sequence[OrphanedHook] | None]:
    """Make the checks. The orphans are None if the org's hooks could not be read."""
    began, timeout_s = time.monotonic(), Settings.check_timeout.default
    async with AsyncExitStack() as held:
        setup = None
        if error is None:
            try:
                timeout_s = ctx.settings.check_timeout.value
                http = await held.enter_async_context(HttpClient())
                setup = _setup_of(ctx, http, shutdown.before_hard_exit, hook)
            except (InvalidInput, ConfigurationError) as unusable:
                error = unusable
        facts = Facts(ctx.store, _settings_read(ctx, error), setup, timeout_s, now=utc_now)
        checked = await run_checks(
            CHECKS,
            facts,
            timeout_s=timeout_s,
            publish=lambda each: _show(ctx, each, renderer),
            redact=str if setup is None or setup.client is None else setup.client.redact,
        )
        diagnosis = diagnosis_of(checked, time.monotonic() - began)
        were_found = "orphans" in (*diagnosis.ok, *diagnosis.warnings)
        return diagnosis, await orphans_of(facts) if were_found else None


def _show(ctx: Context, checked: Checked, renderer: DoctorRenderer) -> None:
    bug = checked.finding.bug
    if bug is not None and os.environ.get(DEBUG) == "1":
        traceback.print_exception(bug)
    ctx.console.show(checked, renderer)


def _deactivate_ours(ctx: Context, orphans: Sequence[OrphanedHook] | None, *, ask: bool) -> None:
    """Deactivate the orphans that this machine registered. With ``ask``, ask the user first."""
    if orphans is None:
        ctx.console.note("no hook was deactivated: could not read the org's hooks")
        return
    ours = [orphan.hook for orphan in orphans if orphan.is_ours]
    if not ours:
        ctx.console.note("found no orphaned hook that this machine registered")
        return
    named = "; ".join(
        f"{plain(hook.name, limit=80)} ({hook.id}), which calls {plain(hook.shown_url, limit=200)}"
        for hook in ours
    )
    question = f"deactivate {counted(len(ours), 'event hook')}: {named}?"
    if ask and not confirmed(ctx, question):
        ctx.console.note("no hook was deactivated")
        return
    anyio.run(_deactivate, ctx, ours)


async def _deactivate(ctx: Context, orphans: Sequence[EventHook]) -> None:
    """Deactivate hooks, except those that were deleted or changed since the user agreed."""
    async with opened_org(ctx) as session:
        for orphan in orphans:
            try:
                hook = await session.api.get(orphan.id)
            except NotFound:
                continue
            if hook.url != orphan.url or hook.url in running_here(ctx.run_directory).webhook_urls:
                ctx.console.note(f"{hook.id} now calls another URL; okhook did not change it")
                continue
            session.publish(await session.registration.deactivate(hook))


def _begin(flags: Layer) -> tuple[Context, OkhookError | None]:
    """Read the settings; go on without what cannot be read, and without files; return why."""
    try:
        return open_context(flags), None
    except ConfigurationError as error:
        environ = dict(os.environ)
        variables = _answer_or_error(lambda: environment_layer(environ))
        layers = [flags] if isinstance(variables, OkhookError) else [flags, variables]
        return context_of(Settings(layers), environ, ServiceManager()), error


def _settings_read(ctx: Context, error: OkhookError | None) -> SettingsRead:
    """Return how reading the settings went; ``error`` is why they cannot be used."""
    own, home = user_file(ctx.environ), home_directory()
    files = [working_directory() / FILE_NAME]
    files += [] if own is None else [own]
    files += [] if home is None else [home.joinpath(*_OKTA_YAML)]
    read = [] if error is not None else [file for file in files if file.is_file()]
    return SettingsRead(read, shown_settings(ctx.settings), error)


def _setup_of(
    ctx: Context, http: HttpClient, before_hard_exit: BeforeHardExit, hook: str | None
) -> Setup:
    """Return this machine and the org as set; ``hook`` is the id or name of the hook to check."""
    running = running_here(ctx.run_directory)
    settings, auth = ctx.settings, ctx.hook_auth()
    asked = _answer_or_error(lambda: org_of(ctx))
    org = None if isinstance(asked, NoOrg) else asked
    credential = None
    if isinstance(org, Setting):
        credential = _answer_or_error(lambda: access_to(ctx, org).credential)
    client = None
    if isinstance(org, Setting) and not isinstance(credential, OkhookError | None):
        client = OktaClient(
            org.value,
            credential,
            http,
            publish=publisher(ctx.console, render_org),
            secrets=() if auth is None else (auth.secret,),
            retry=_IN_A_HURRY,
        )
    host = _unless_refused(settings, "host")
    return Setup(
        run_directory=ctx.run_directory,
        running=running,
        host=Settings.host.default if host is None else host.value,
        endpoint=LocalEndpoint(settings.port.value, settings.path.value),
        url=_unless_refused(settings, "url") or _unless_refused(settings, "public_url"),
        auth=hook_auth(settings),
        hookdeck=settings.hookdeck,
        environ=ctx.environ,
        directory=working_directory(),
        http=http,
        before_hard_exit=before_hard_exit,
        commands=Commands(
            for_org=lambda *words: command_to_paste(ctx, *words),
            secret=tuple(_secret_flags(settings)),
            own_path=None if settings.path.from_flag else settings.path.value,
            own_host=settings.host.value if settings.host.from_flag else None,
        ),
        org=org,
        credential=credential,
        client=client,
        hook_named=hook,
        usual_hook_name=hook_name(settings).value,
        receiver_port=_receiver_port(settings, running),
    )


def _receiver_port(settings: Settings, running: RunningHere) -> int | None:
    """Return the port that the settings name, if it chooses one of several receivers."""
    port = settings.port
    if port.is_default or len(running.receivers) < 2:
        return None
    return port.value if running.at_port(port.value).receivers else None


def _unless_refused(settings: Settings, name: str) -> Setting[str] | None:
    """Return a setting; None if only a project's file names it, and nobody has confirmed it.

    Raises ConfigurationError or InvalidInput for a value that the setting cannot have.
    """
    found = settings.found(name)
    if found is None:
        return None
    value: str = declared_settings()[name].read(found)
    try:
        getattr(settings, name)
    except (AnswerIsNo, ConfigurationError):
        return None
    return Setting(value, found.origin)


def _answer_or_error(ask: Callable[[], T]) -> T | OkhookError:
    try:
        return ask()
    except OkhookError as error:
        return error


def _secret_flags(settings: Settings) -> Iterator[str]:
    """Yield the flags with which another command finds the secret, never the secret itself.

    No flag is needed for a secret in a variable or a settings file: every command reads those.
    """
    given, field = hook_auth(settings), settings.auth_field
    if given is None:
        return
    if field.from_flag:
        yield from ("--auth-field", field.value)
    match given.origin:
        case "--basic-auth" | "--auth-secret":
            yield from (SECRET_FILE_FLAG, SECRET_FILE)
        case "--auth-secret-file":
            file = settings.auth_secret_file
            yield from (SECRET_FILE_FLAG, SECRET_FILE if file is None else file.value)
