"""Run ``okhook check``."""

import time
from urllib.parse import urlsplit

from okhook.check.catalogue import CASES, case_named, selected
from okhook.check.results import CaseListed, CaseResult, CheckSummary, summary_of
from okhook.check.running import Target, run_cases
from okhook.check.traffic import MARK, Traffic
from okhook.cli.check.command import CheckFlags
from okhook.cli.check.view import CheckRenderer, explained, listed
from okhook.cli.context import Context
from okhook.cli.prompts import confirmed
from okhook.cli.urls import checked_url, warn_if_unencrypted
from okhook.config.setting import Setting
from okhook.errors import AnswerIsNo
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.wire.org import is_loopback


def list_cases(ctx: Context) -> None:
    """List all cases."""
    ctx.console.show_all((CaseListed(case) for case in CASES), listed)


def explain_case(ctx: Context, name: str) -> None:
    """Show all about one case."""
    ctx.console.show(CaseListed(case_named(name, "--explain")), explained)


def check_and_show(ctx: Context, url: str, flags: CheckFlags, *, asks: bool) -> None:
    """Run the cases, show each result, and the summary.

    Raises:
        AnswerIsNo: a case of level must failed; with ``--strict``, one of level should.
        InvalidInput: it cannot ask, because stdin is not a terminal.
        Interrupted: Ctrl-C came first.
    """
    cases = selected(flags.only or (), flags.skip or ())
    target = _target(ctx, checked_url(Setting(url, "URL")))
    _agree(ctx, target.url, asks=asks)
    renderer = CheckRenderer(ctx.console)

    async def run(_: Shutdown) -> CheckSummary:
        began = time.monotonic()
        results: list[CaseResult] = []
        async for result in run_cases(cases, target):
            results.append(result)
            ctx.console.show(result, renderer)
        return summary_of(target.url, results, time.monotonic() - began)

    ctx.console.wait_for(f"checking {target.url}")
    try:
        summary = run_until_done(run, interrupted="interrupted before all cases were run")
    finally:
        ctx.console.stop_waiting()
    ctx.console.show(summary, renderer)
    if not summary.is_good(strict=flags.strict):
        raise _verdict(summary, strict=flags.strict)


def _target(ctx: Context, url: str) -> Target:
    auth = ctx.hook_auth()
    if auth is not None:
        warn_if_unencrypted(ctx, url)
    return Target(url, Traffic(auth, tuple(ctx.settings.event.value)))


def _agree(ctx: Context, url: str, *, asks: bool) -> None:
    """Say what is created, and ask before it is created on another machine."""
    host = urlsplit(url).hostname or ""
    what = f"events about people who do not exist, marked {MARK} in ids and names"
    if is_loopback(host) or not asks:
        ctx.console.note(f"sending {url} {what}; okhook removes nothing in the app")
    elif not confirmed(ctx, f"send {host} {what}? okhook removes nothing in the app"):
        raise AnswerIsNo("nothing was sent")


def _verdict(summary: CheckSummary, *, strict: bool) -> AnswerIsNo:
    failed: tuple[str, ...] = summary.must_failed
    if strict:
        failed = (*failed, *summary.should_failed)
    cases = "1 case" if len(failed) == 1 else f"{len(failed)} cases"
    return AnswerIsNo(
        f"{cases} failed: {', '.join(failed)}", next_step=f"run okhook check --explain {failed[0]}"
    )
