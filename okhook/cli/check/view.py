"""How ``okhook check`` looks: a line for each case, and what to do beneath those that failed."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Final

from rich.text import Text

from okhook.activity import Activity
from okhook.check.case import Group, Level
from okhook.check.results import Again, CaseListed, CaseResult, CheckSummary, Outcome
from okhook.cli.console import Console
from okhook.cli.views.lines import IndentedLines, labelled, short
from okhook.text import counted, plain

_LIMIT: Final = 600
_LONGEST_COMMAND: Final = 16_000
_ID_WIDTH: Final = 28
_LABEL_WIDTH: Final = 8
_MARKS: Final = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.SKIPPED: ("–", "dim"),  # noqa: RUF001 - a dash beside ticks and crosses
    Outcome.NOT_OBSERVED: ("?", "yellow"),
}

_alike: Final = attrgetter("outcome", "reason", "case.group")


class CheckRenderer:
    """Turns results into lines. Cases in a row that were skipped for the same reason share one."""

    def __init__(self, console: Console, again: Again) -> None:
        self._again = again
        self._indented = IndentedLines(" " * 4, console.width)
        self._group: Group | None = None
        self._unseen: list[CaseResult] = []

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``."""
        match activity:
            case CaseResult(outcome=Outcome.SKIPPED | Outcome.NOT_OBSERVED):
                if self._unseen and _alike(self._unseen[-1]) != _alike(activity):
                    yield from self._unseen_lines()
                self._unseen.append(activity)
            case CaseResult():
                yield from self._unseen_lines()
                yield from self._headed(activity)
                if activity.outcome is Outcome.FAILED:
                    yield from self._failure(activity)
            case CheckSummary():
                yield from self._unseen_lines()
                yield from _summary(activity)

    def _headed(self, result: CaseResult) -> Iterator[Text]:
        if result.case.group is not self._group:
            self._group = result.case.group
            yield Text(self._group.value, style="bold")
        mark, style = _MARKS[result.outcome]
        said = result.case.title if result.reason is None else result.reason
        if result.outcome is Outcome.PASSED and result.reason is not None:
            said = f"{result.case.title} ({result.reason})"
        level = f" ({result.case.level})" if result.outcome is Outcome.FAILED else ""
        name = (f"{result.case.id:<{_ID_WIDTH}}  ", "dim")
        yield Text.assemble((f"{mark} ", style), name, short(said, _LIMIT), level)

    def _unseen_lines(self) -> Iterator[Text]:
        if not self._unseen:
            return
        first, *others = self._unseen
        self._unseen = []
        yield from self._headed(first)
        if others:
            names = ", ".join(each.case.id for each in others)
            yield from self._indented.lines(f"also {names}", "dim")

    def _failure(self, result: CaseResult) -> Iterator[Text]:
        parts = (
            ("sent", result.case.sends),
            ("came", result.came),
            ("then", result.then),
            ("fix", result.fix),
        )
        for label, text in parts:
            yield Text.assemble((f"    {label:<6}", "dim"), short(text, _LIMIT))
        if (command := self._again(result)) is not None:
            yield Text.assemble(("    again ", "dim"), plain(command), no_wrap=True)
        if result.curl is None or len(result.curl) > _LONGEST_COMMAND:
            return
        yield Text("    curl", style="dim")
        for line in result.curl.split("\n"):
            yield Text(plain(line), style="dim", no_wrap=True)


def _summary(summary: CheckSummary) -> Iterator[Text]:
    yield Text("")
    for group, counts in summary.groups.items():
        words = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
        style = "bold red" if counts[Outcome.FAILED] else ""
        yield Text.assemble((f"{group:<16}", style), ", ".join(words))
    failed = [
        f"{len(ids)} of level {level}"
        for level, ids in zip(
            Level, (summary.must_failed, summary.should_failed, summary.notes_failed), strict=True
        )
        if ids
    ]
    said = f"failed: {', '.join(failed)}" if failed else "nothing failed"
    seen = counted(summary.passed + summary.failed, "case")
    if summary.not_run or summary.interrupted:
        said += f"; {summary.not_run} not run"
        said += (
            ", because okhook was interrupted"
            if summary.interrupted
            else ", because of --fail-fast"
        )
    yield Text(
        f"{seen} run in {summary.duration_s:.1f} s; {said}",
        style="bold red" if summary.must_failed else "green",
    )


def case_row(listed: CaseListed) -> Iterator[Text]:
    """Yield the line of a case in the list."""
    case = listed.case
    name, level = (f"{case.id:<{_ID_WIDTH}}  ", "bold"), (f"{case.level:<7}", "dim")
    yield Text.assemble(name, level, case.title)


def case_in_full(listed: CaseListed) -> Iterator[Text]:
    """Yield all that is known of a case."""
    case = listed.case
    yield Text(case.id, style="bold")
    for name in ("title", "level", "rule", "source", "sends", "expects", "fix"):
        yield labelled(name, getattr(case, name), width=_LABEL_WIDTH)
    if case.needs:
        yield labelled("needs", ", ".join(sorted(case.needs)), width=_LABEL_WIDTH)
