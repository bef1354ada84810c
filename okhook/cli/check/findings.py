"""What ``okhook check`` has found so far: shown as it comes, and kept for the reports."""

import re
import shlex
import time
from dataclasses import replace
from typing import Final

from okhook.check.case import Case, Group, Need
from okhook.check.reports import annotation, harmless
from okhook.check.results import CaseResult, CheckSummary, summary_of
from okhook.check.running import CheckRun
from okhook.check.target import Target
from okhook.cli.check.command import CheckFlags
from okhook.cli.check.view import CheckRenderer
from okhook.cli.context import Context
from okhook.cli.remedies import with_flags, words_of
from okhook.okta.answers import without_secrets
from okhook.secret import HIDDEN
from okhook.wire.url import without_credentials

_PASSWORD: Final = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")


class Findings:
    """Shows each result as it comes, and keeps it in ``results``."""

    def __init__(self, ctx: Context, target: Target, flags: CheckFlags) -> None:
        self._ctx, self._target, self._flags = ctx, target, flags
        self._console = ctx.console
        self._url = without_credentials(target.url)
        self._in_workflow = flags.github or ctx.environ.get("GITHUB_ACTIONS") == "true"
        self._began = time.monotonic()
        self._renderer = CheckRenderer(ctx.console, self.again)
        self.results: list[CaseResult] = []

    def announce(self, what: str) -> None:
        """Show what is done next, while it is done."""
        self._console.wait_for(f"checking {self._url}: {what}")

    def show(self, found: CaseResult) -> None:
        """Show a result, and annotate it in a workflow."""
        result = harmless(found) if self._in_workflow else found
        self.results.append(result)
        self._console.show(result, self._renderer)
        line = annotation(result, strict=self._flags.strict) if self._flags.github else None
        if line is not None:
            self._console.write_plain(line)

    def again(self, result: CaseResult) -> str | None:
        """Return the command that runs a case again, with the flags that it needs.

        It has no secret: not the hook's, and none in a URL.
        """
        if result.shown is None:
            return None
        auth, case = self._target.traffic.auth, result.case
        secrets = () if auth is None else (auth.secret,)
        words = ("okhook", "check", self._target.url, *words_of(_needed(case, self._flags)))
        shown = (without_secrets(_without_credentials(word), secrets) for word in words)
        return shlex.join(with_flags(shown, self._ctx.settings.layers[0]))

    def summary(self, checking: CheckRun, *, interrupted: bool) -> CheckSummary:
        """Show what a stopped run still has, and the summary."""
        for found in checking.unfinished():
            self.show(found)
        summary = summary_of(
            self._url,
            self.results,
            time.monotonic() - self._began,
            not_run=len(checking.not_run),
            interrupted=interrupted,
        )
        self._console.show(summary, self._renderer)
        return summary


def _needed(case: Case, flags: CheckFlags) -> CheckFlags:
    """Return the flags that run only this case, in the way that ``flags`` do."""
    needed = CheckFlags(only=[case.id])
    if case.group is Group.PAYLOAD:
        needed = replace(needed, all_types=flags.all_types)
    if case.needs & {Need.CLASSIC, Need.IDENTITY}:
        needed = replace(needed, engine=flags.engine)
    if case.group in (Group.DELIVERY, Group.PAYLOAD) and flags.observe is not None:
        needed = replace(needed, observe=flags.observe, observe_wait=flags.observe_wait)
    if Need.RESTART in case.needs:
        needed = replace(needed, restart=flags.restart)
    return needed


def _without_credentials(word: str) -> str:
    address = without_credentials(word) if re.match(r"https?://", word) else word
    return _PASSWORD.sub(HIDDEN.decode(), address)
