"""Run ``okhook check``."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO
from urllib.parse import urlsplit

from okhook.check.case import Case
from okhook.check.catalogue import case_named, selected
from okhook.check.github import annotation, harmless
from okhook.check.junit import write_junit
from okhook.check.results import CaseListed, CaseResult, CheckSummary, Outcome, summary_of
from okhook.check.running import run_cases
from okhook.check.target import Target
from okhook.check.traffic import MARK
from okhook.cli.check.command import CheckFlags
from okhook.cli.check.inputs import check_observer, target_of
from okhook.cli.check.view import CheckRenderer, explained, listed
from okhook.cli.context import Context
from okhook.cli.prompts import confirmed
from okhook.config.paths import expanded
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.http.client import HttpClient
from okhook.runtime.new_file import new_file
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.text import counted
from okhook.wire.org import is_loopback


def list_cases(ctx: Context, flags: CheckFlags) -> None:
    """List the cases, all by default."""
    cases = selected(flags.only or (), flags.skip or ())
    ctx.console.show_all((CaseListed(case) for case in cases), listed)


def explain_case(ctx: Context, name: str) -> None:
    """Show all about one case."""
    ctx.console.show(CaseListed(case_named(name, "--explain")), explained)


def check_and_show(ctx: Context, url: str, flags: CheckFlags, *, asks: bool) -> None:
    """Run the cases, show each result, and the summary."""
    cases = selected(flags.only or (), flags.skip or ())
    if not cases:
        raise InvalidInput("no cases selected", next_step="leave out --only or --skip")

    http = HttpClient()
    target = target_of(ctx, url, flags, http)
    _agree(ctx, target.url, asks=asks)

    async def run(_: Shutdown) -> tuple[list[CaseResult], CheckSummary]:
        async with http:
            if target.observe is not None:
                await check_observer(target.observe)
            return await _checked(ctx, cases, target, flags)

    with _report(flags.junit) as stream:
        try:
            results, summary = run_until_done(
                run, interrupted="interrupted before all cases were run"
            )
        finally:
            ctx.console.stop_waiting()
        if stream is not None:
            write_junit(stream, results, summary, strict=flags.strict)
    if not summary.is_good(strict=flags.strict):
        raise _verdict(summary, strict=flags.strict)
    if summary.not_observed and flags.observe is not None:
        reason = next(each.reason for each in results if each.outcome is Outcome.NOT_OBSERVED)
        raise AnswerIsNo(f"{counted(summary.not_observed, 'case')} not observed", why=reason)


async def _checked(
    ctx: Context, cases: Sequence[Case], target: Target, flags: CheckFlags
) -> tuple[list[CaseResult], CheckSummary]:
    """Run the cases, and show each result as it comes."""
    console, renderer = ctx.console, CheckRenderer(ctx.console)
    in_workflow = flags.github or ctx.environ.get("GITHUB_ACTIONS") == "true"
    began = time.monotonic()
    results: list[CaseResult] = []
    console.wait_for(f"checking {target.url}")
    async for found in run_cases(cases, target):
        result = harmless(found) if in_workflow else found
        results.append(result)
        console.show(result, renderer)
        line = annotation(result, strict=flags.strict) if flags.github else None
        if line is not None:
            console.write_plain(line)
    console.stop_waiting()
    summary = summary_of(target.url, results, time.monotonic() - began)
    console.show(summary, renderer)
    return results, summary


@contextmanager
def _report(file: str | None) -> Iterator[IO[str] | None]:
    """Open the file of ``--junit``, so that one that cannot be written is known beforehand."""
    if file is None:
        yield None
        return
    with ExitStack() as opened:
        with _named_faults(file):
            stream = opened.enter_context(new_file(expanded(file, "--junit")))
        yield stream
        with _named_faults(file):
            opened.close()


@contextmanager
def _named_faults(file: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"could not write {file}", why=error.strerror or str(error)) from error


def _agree(ctx: Context, url: str, *, asks: bool) -> None:
    """Say what is created, and ask before it is created on another machine."""
    host = urlsplit(url).hostname or ""
    what = f"events about people who do not exist, marked {MARK} in ids and names"
    if is_loopback(host) or not asks:
        ctx.console.note(f"sending {what}; okhook removes nothing in your app afterwards")
    elif not confirmed(ctx, f"send {host} {what}? okhook removes nothing there afterwards"):
        raise AnswerIsNo("nothing was sent")


def _verdict(summary: CheckSummary, *, strict: bool) -> AnswerIsNo:
    failed: tuple[str, ...] = summary.must_failed
    if strict:
        failed = (*failed, *summary.should_failed)
    return AnswerIsNo(
        f"{counted(len(failed), 'case')} failed: {', '.join(failed)}",
        next_step=f"run okhook check --explain {failed[0]}",
    )
