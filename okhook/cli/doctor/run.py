"""Run ``okhook doctor``: make the checks, show them, and with ``--fix`` deactivate orphans."""

import os
import time
import traceback
from collections.abc import Sequence
from contextlib import AsyncExitStack

import anyio

from okhook.cli.command_tree import DEBUG
from okhook.cli.context import Context
from okhook.cli.doctor.inputs import settings_read, setup_of
from okhook.cli.doctor.view import DoctorRenderer
from okhook.cli.org_session import opened_org
from okhook.cli.prompts import confirmed
from okhook.config.settings import Settings
from okhook.doctor.check import Checked, Diagnosis, diagnosis_of
from okhook.doctor.checks_hook import OrphanedHook, orphans_of
from okhook.doctor.facts import Facts
from okhook.doctor.run_checks import CHECKS, run_checks
from okhook.errors import AnswerIsNo, ConfigurationError, InvalidInput, OkhookError
from okhook.http.client import HttpClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.refusals import NotFound
from okhook.runtime.ids import utc_now
from okhook.runtime.running_here import running_here
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.text import counted, plain


def doctor_and_show(
    ctx: Context,
    error: OkhookError | None,
    hook: str | None,
    *,
    verbose: bool,
    fix: bool,
    ask: bool,
) -> None:
    """Make all checks, and show each, then the diagnosis; with ``fix``, deactivate orphans.

    ``error`` is why the settings cannot be used, None if they can. ``hook`` is the id or name of
    the hook to check. ``verbose`` also shows the facts beneath checks that succeeded. With ``ask``,
    the user is asked before a hook is deactivated.
    """
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
                setup = setup_of(ctx, http, shutdown.before_hard_exit, hook)
            except (InvalidInput, ConfigurationError) as unusable:
                error = unusable
        facts = Facts(ctx.store, settings_read(ctx, error), setup, timeout_s, now=utc_now)
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
    async with opened_org(ctx) as org:
        for orphan in orphans:
            try:
                hook = await org.api.get(orphan.id)
            except NotFound:
                continue
            if hook.url != orphan.url or hook.url in running_here(ctx.run_directory).webhook_urls:
                ctx.console.note(f"{hook.id} now calls another URL; okhook did not change it")
                continue
            org.publish(await org.registration.deactivate(hook))
