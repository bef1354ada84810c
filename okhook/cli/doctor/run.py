"""Run ``okhook doctor``: make the checks, show them, and with ``--fix`` deactivate orphans."""

import os
import time
import traceback
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import anyio

from okhook.cli.context import Context
from okhook.cli.doctor.inputs import settings_read, setup_of
from okhook.cli.doctor.view import DoctorRenderer
from okhook.cli.org_session import OrgSession, opened_org
from okhook.cli.prompts import confirmed
from okhook.config.settings import Settings
from okhook.doctor.activities import Checked, Diagnosis, diagnosis_of
from okhook.doctor.checklist import CHECKS
from okhook.doctor.checks_hook import OrphanedHook, orphans_of
from okhook.doctor.facts import Facts
from okhook.doctor.run_checks import run_checks
from okhook.errors import AnswerIsNo, ConfigurationError, InvalidInput, OkhookError
from okhook.http.client import HttpClient
from okhook.okta.refusals import NotFound
from okhook.runtime.ids import utc_now
from okhook.runtime.running_here import running_here
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.text import plain

_DEBUG = "OKHOOK_DEBUG"


@dataclass(frozen=True, slots=True)
class Examined:
    """What the checks found. ``orphans`` is None if the org's hooks could not be read."""

    diagnosis: Diagnosis
    orphans: tuple[OrphanedHook, ...] | None


def diagnose_and_show(
    ctx: Context, error: OkhookError | None, hook: str | None, *, verbose: bool
) -> Examined:
    """Make all checks, and show each, then the diagnosis.

    ``error`` is why the settings cannot be used, None if they can. ``hook`` is the id or name of
    the hook to check. ``verbose`` also shows the facts beneath checks that succeeded.

    Raises:
        Interrupted: Ctrl-C came first.

    """
    renderer = DoctorRenderer(ctx.console, verbose=verbose)
    ctx.console.wait_for("examining")
    try:
        examined = run_until_done(
            lambda shutdown: _examined(ctx, error, hook, shutdown, renderer),
            interrupted="interrupted before every check was made",
        )
    finally:
        ctx.console.stop_waiting()
    ctx.console.show(examined.diagnosis, renderer)
    return examined


def mend_and_show(ctx: Context, orphans: Sequence[OrphanedHook] | None, *, ask: bool) -> None:
    """Deactivate the orphans that this machine registered. With ``ask``, ask the user first.

    Raises:
        InvalidInput: it cannot ask, because stdin is not a terminal.

    """
    if orphans is None:
        ctx.console.note("nothing was deactivated: the org's hooks could not be looked at")
        return
    ours = [orphan for orphan in orphans if orphan.is_ours]
    if not ours:
        ctx.console.note("there is no orphaned hook of this machine's to deactivate")
        return
    if ask and not _agreed(ctx, ours):
        ctx.console.note("nothing was deactivated")
        return
    anyio.run(_deactivate, ctx, ours)


def refuse_failures(diagnosis: Diagnosis) -> None:
    """Raise if a check failed.

    Raises:
        AnswerIsNo: at least one check failed.

    """
    if count := len(diagnosis.failed):
        checks = "1 check" if count == 1 else f"{count} checks"
        raise AnswerIsNo(f"{checks} failed: {', '.join(diagnosis.failed)}")


async def _examined(
    ctx: Context,
    error: OkhookError | None,
    hook: str | None,
    shutdown: Shutdown,
    renderer: DoctorRenderer,
) -> Examined:
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
        facts = Facts(
            ctx.store_file, settings_read(ctx, error), setup, timeout_s=timeout_s, now=utc_now
        )
        checked = await run_checks(
            CHECKS,
            facts,
            timeout_s=timeout_s,
            publish=lambda each: _show(ctx, each, renderer),
            hush=str if setup is None or setup.client is None else setup.client.hush,
        )
        diagnosis = diagnosis_of(checked, time.monotonic() - began)
        were_found = "orphans" in (*diagnosis.ok, *diagnosis.warnings)
        return Examined(diagnosis, tuple(await orphans_of(facts)) if were_found else None)


def _show(ctx: Context, checked: Checked, renderer: DoctorRenderer) -> None:
    bug = checked.finding.bug
    if bug is not None and os.environ.get(_DEBUG) == "1":
        traceback.print_exception(bug)
    ctx.console.show(checked, renderer)


def _agreed(ctx: Context, orphans: Sequence[OrphanedHook]) -> bool:
    named = "; ".join(
        f"{plain(each.hook.name, limit=80)} ({each.hook.id}), which calls"
        f" {plain(each.hook.url, limit=200)}"
        for each in orphans
    )
    question = f"deactivate {len(orphans)} event hook{'' if len(orphans) == 1 else 's'}: {named}?"
    return confirmed(ctx, question)


async def _deactivate(ctx: Context, orphans: Sequence[OrphanedHook]) -> None:
    async with opened_org(ctx) as org:
        for orphan in orphans:
            await _deactivate_one(ctx, org, orphan)


async def _deactivate_one(ctx: Context, org: OrgSession, orphan: OrphanedHook) -> None:
    """Deactivate a hook, unless it was deleted or changed since the user agreed."""
    try:
        hook = await org.api.get(orphan.hook.id)
    except NotFound:
        return
    running = running_here(ctx.run_directory).webhook_urls
    if hook.url != orphan.hook.url or hook.url in running:
        ctx.console.note(f"{hook.id} calls another URL by now, and was left alone")
        return
    org.publish(await org.registration.deactivate(hook))
