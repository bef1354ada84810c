"""What ``okhook check`` found: a line for each case, and a summary."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated

from okhook.activity import Activity
from okhook.check.case import Case, Group, Level
from okhook.check.plan import Exchange
from okhook.json_form import milliseconds


class Outcome(StrEnum):
    """How a case ended. ``NOT_OBSERVED``: the answers were right, the effects cannot be seen."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_OBSERVED = "not_observed"


class CaseResult(Activity):
    """The result of a case. Its texts may come from outside, and hold no secret.

    ``reason`` says why it was skipped or not observed, or what was measured. The last four are
    those of a failure: what came, what Okta does then, how to fix it, and the command that repeats
    the call (None if it is too long to show). ``shown`` is that call.
    """

    type = "case"
    json_fields = (
        "id=case.id case.group case.level case.title outcome reason case.sends case.source came"
        " then fix curl duration_s"
    )
    case: Case
    outcome: Outcome
    reason: str | None = None
    came: str | None = None
    then: str | None = None
    fix: str | None = None
    curl: str | None = None
    duration_s: Annotated[float, milliseconds("duration_ms")] = 0.0
    shown: Exchange | None = None


Again = Callable[[CaseResult], str | None]
"""Returns okhook's command that runs a failed case again; None if nothing was sent."""


def counts_as_failed(result: CaseResult, *, strict: bool) -> bool:
    """Return whether a result makes the run fail: a failed ``must``, or ``should`` if strict."""
    levels = (Level.MUST, Level.SHOULD) if strict else (Level.MUST,)
    return result.outcome is Outcome.FAILED and result.case.level in levels


class CaseListed(Activity):
    """A case of ``--list`` or ``--explain``."""

    type = "case_listed"
    json_fields = (
        "id=case.id case.group case.level case.title case.rule case.source case.sends case.expects"
        " case.fix needs"
    )
    case: Case

    @property
    def needs(self) -> list[str]:
        """What the case cannot run without."""
        return sorted(self.case.needs)


class CheckSummary(Activity):
    """How many cases of each group ended how, and the ids of those that failed, by level.

    ``not_run`` is how many were left when the run was stopped: by a signal if ``interrupted``, else
    by ``--fail-fast``.
    """

    type = "check_summary"
    json_fields = (
        "url passed failed skipped not_observed not_run interrupted must_failed should_failed"
        " notes_failed groups duration_s"
    )
    url: str
    passed: int
    failed: int
    skipped: int
    not_observed: int
    not_run: int
    interrupted: bool
    must_failed: tuple[str, ...]
    should_failed: tuple[str, ...]
    notes_failed: tuple[str, ...]
    groups: dict[str, dict[str, int]]
    duration_s: Annotated[float, milliseconds("duration_ms")]


def summary_of(
    url: str,
    results: Sequence[CaseResult],
    duration_s: float,
    *,
    not_run: int = 0,
    interrupted: bool = False,
) -> CheckSummary:
    """Return the summary of ``results``."""

    def count(outcome: Outcome, group: Group | None = None) -> int:
        return sum(each.outcome is outcome and group in (None, each.case.group) for each in results)

    def failed(level: Level) -> tuple[str, ...]:
        return tuple(
            each.case.id
            for each in results
            if each.outcome is Outcome.FAILED and each.case.level is level
        )

    present = [group for group in Group if any(each.case.group is group for each in results)]
    return CheckSummary(
        url=url,
        passed=count(Outcome.PASSED),
        failed=count(Outcome.FAILED),
        skipped=count(Outcome.SKIPPED),
        not_observed=count(Outcome.NOT_OBSERVED),
        not_run=not_run,
        interrupted=interrupted,
        must_failed=failed(Level.MUST),
        should_failed=failed(Level.SHOULD),
        notes_failed=failed(Level.NOTE),
        groups={
            group.value: {each.value: count(each, group) for each in Outcome} for group in present
        },
        duration_s=duration_s,
    )
