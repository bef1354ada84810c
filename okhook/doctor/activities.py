"""The activities of ``okhook doctor``: one for each check, and the diagnosis."""

from collections.abc import Sequence
from typing import Annotated

from okhook.activity import Activity
from okhook.doctor.check import Finding, Outcome
from okhook.json_form import milliseconds


class Checked(Activity):
    """A check was made."""

    type = "check"
    json_fields = (
        "name ok=finding.is_ok finding.outcome finding.detail finding.facts finding.remedy"
        " duration_s"
    )
    name: str
    finding: Finding
    duration_s: Annotated[float, milliseconds("duration_ms")]


class Diagnosis(Activity):
    """The names of all checks by their outcome. ``duration_s`` is the time of the whole run."""

    type = "diagnosis"
    json_fields = "healthy ok warnings failed skipped duration_s"
    ok: tuple[str, ...]
    warnings: tuple[str, ...]
    failed: tuple[str, ...]
    skipped: tuple[str, ...]
    duration_s: Annotated[float, milliseconds("duration_ms")]

    @property
    def healthy(self) -> bool:
        """Whether no check failed."""
        return not self.failed


def diagnosis_of(checked: Sequence[Checked], duration_s: float) -> Diagnosis:
    """Return the diagnosis that the checks add up to."""

    def named(outcome: Outcome) -> tuple[str, ...]:
        return tuple(each.name for each in checked if each.finding.outcome is outcome)

    return Diagnosis(
        ok=named(Outcome.OK),
        warnings=named(Outcome.WARNING),
        failed=named(Outcome.FAILED),
        skipped=named(Outcome.SKIPPED),
        duration_s=duration_s,
    )
