"""Run ``okhook check``."""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urlsplit

from okhook.check.catalogue import case_named, selected
from okhook.check.commands import CommandObserver
from okhook.check.observing import Observe
from okhook.check.reports import write_junit
from okhook.check.results import CaseListed, CaseResult, CheckSummary, Outcome, counts_as_failed
from okhook.check.running import CheckRun
from okhook.check.traffic import MARK
from okhook.cli.check.command import CheckFlags
from okhook.cli.check.findings import Findings
from okhook.cli.check.inputs import check_observer, target_of
from okhook.cli.check.view import case_in_full, case_row
from okhook.cli.context import Context
from okhook.cli.options import write_faults_named
from okhook.cli.prompts import confirmed
from okhook.config.paths import file_to_write
from okhook.errors import AnswerIsNo, Interrupted, InvalidInput, Terminated
from okhook.http.client import HttpClient
from okhook.runtime.atomic_write import atomic_write, check_writable
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.text import counted
from okhook.wire.org import is_loopback


def list_cases(ctx: Context, flags: CheckFlags) -> None:
    """List the cases, all by default."""
    cases = selected(flags.only or (), flags.skip or ())
    ctx.console.show_all((CaseListed(case) for case in cases), case_row)


def explain_case(ctx: Context, name: str) -> None:
    """Show all about one case."""
    ctx.console.show(CaseListed(case_named(name, "--explain")), case_in_full)


def check_and_show(ctx: Context, url: str, flags: CheckFlags, *, asks: bool) -> None:
    """Run the cases, show each result, and the summary, also if it is stopped."""
    cases = selected(flags.only or (), flags.skip or ())
    if not cases:
        raise InvalidInput("no cases selected", next_step="leave out --only or --skip")

    report = None if flags.junit is None else _report(flags.junit)
    http = HttpClient()
    target = target_of(ctx, url, flags, http)
    _agree(ctx, target.url, asks=asks)
    findings = Findings(ctx, target, flags)
    checking = CheckRun(cases, target, announce=findings.announce, observes_each=flags.fail_fast)

    async def run(shutdown: Shutdown) -> bool:
        observe = target.observe
        kill_now = observe.kill_now if isinstance(observe, CommandObserver) else lambda: None
        with shutdown.before_hard_exit(kill_now):
            async with http:
                await _check(observe, checking, findings, flags)
        return True

    stopped: Interrupted | Terminated | None = None
    try:
        run_until_done(run, interrupted="interrupted before all cases were run")
    except (Interrupted, Terminated) as error:
        stopped = error
    finally:
        ctx.console.stop_waiting()
    summary = findings.summary(checking, interrupted=stopped is not None)
    if report is not None:
        results = [*findings.results, *checking.not_run]
        with write_faults_named(str(report)), atomic_write(report) as stream:
            write_junit(stream, results, summary, findings.again, strict=flags.strict)
    if stopped is not None:
        if report is not None:
            ctx.console.note(f"{report} has these results; the other cases are skipped in it")
        raise stopped
    _refuse_failures(findings.results, summary, flags)


async def _check(
    observe: Observe | None, checking: CheckRun, findings: Findings, flags: CheckFlags
) -> None:
    """Run the cases to their end, or with ``--fail-fast`` to the first that counts as failed."""
    if observe is not None:
        await check_observer(observe)
    async with aclosing(checking.results()) as results:
        async for result in results:
            findings.show(result)
            if flags.fail_fast and counts_as_failed(result, strict=flags.strict):
                break


def _report(file: str) -> Path:
    """Return the file of ``--junit``. One that cannot be written is known beforehand."""
    report = file_to_write(file, "--junit")
    with write_faults_named(file):
        check_writable(report)
    return report


def _agree(ctx: Context, url: str, *, asks: bool) -> None:
    """Say what is created, and ask before it is created on another machine."""
    host = urlsplit(url).hostname or ""
    what = f"events about people who do not exist, marked {MARK} in ids and names"
    if is_loopback(host) or not asks:
        ctx.console.note(f"sending {what}; okhook removes nothing in your app afterwards")
    elif not confirmed(ctx, f"send {host} {what}? okhook removes nothing there afterwards"):
        raise AnswerIsNo("nothing was sent")


def _refuse_failures(
    results: Sequence[CaseResult], summary: CheckSummary, flags: CheckFlags
) -> None:
    """Raise ``AnswerIsNo`` if a case failed that counts, or if ``--observe`` could not tell."""
    failed = [each.case.id for each in results if counts_as_failed(each, strict=flags.strict)]
    if failed:
        raise AnswerIsNo(
            f"{counted(len(failed), 'case')} failed: {', '.join(failed)}",
            next_step=f"run okhook check --explain {failed[0]}",
        )
    if summary.not_observed and flags.observe is not None:
        reason = next(each.reason for each in results if each.outcome is Outcome.NOT_OBSERVED)
        raise AnswerIsNo(f"{counted(summary.not_observed, 'case')} not observed", why=reason)
