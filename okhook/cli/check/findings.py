"""What ``okhook check`` has found so far: shown as it comes, and kept for the reports."""

import time

from okhook.check.github import annotation, harmless
from okhook.check.results import CaseResult, CheckSummary, summary_of
from okhook.check.running import CheckRun
from okhook.check.target import Target
from okhook.cli.check.again import case_again
from okhook.cli.check.command import CheckFlags
from okhook.cli.check.view import CheckRenderer
from okhook.cli.context import Context
from okhook.wire.url import without_credentials


class Findings:
    """The ``results`` so far, and ``again``, which writes the command that runs a case again."""

    def __init__(self, ctx: Context, target: Target, flags: CheckFlags) -> None:
        self._console = ctx.console
        self._url = without_credentials(target.url)
        self._strict = flags.strict
        self._annotates = flags.github
        self._in_workflow = flags.github or ctx.environ.get("GITHUB_ACTIONS") == "true"
        self._began = time.monotonic()
        self.again = case_again(ctx, target, flags)
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
        line = annotation(result, strict=self._strict) if self._annotates else None
        if line is not None:
            self._console.write_plain(line)

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
