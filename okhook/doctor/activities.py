"""What a person sees of ``okhook doctor``: a line for each check, and the diagnosis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from okhook.activity import Activity, JsonObject
from okhook.doctor.check import Finding, Outcome


@dataclass(frozen=True, slots=True)
class Checked(Activity):
    """A check was made."""

    type: ClassVar[str] = "check"
    name: str
    finding: Finding
    duration_s: float

    def _fields(self) -> JsonObject:
        found = self.finding
        return {
            "name": self.name,
            "ok": found.is_ok,
            "outcome": str(found.outcome),
            "detail": found.detail,
            "facts": list(found.facts),
            "remedy": found.remedy,
            "duration_ms": round(self.duration_s * 1000),
        }


@dataclass(frozen=True, slots=True)
class Diagnosis(Activity):
    """All of it: the names of the checks by what they came to. ``duration_s`` is the whole time."""

    type: ClassVar[str] = "diagnosis"
    ok: tuple[str, ...]
    warnings: tuple[str, ...]
    failed: tuple[str, ...]
    skipped: tuple[str, ...]
    duration_s: float

    def _fields(self) -> JsonObject:
        return {
            "healthy": not self.failed,
            "ok": list(self.ok),
            "warnings": list(self.warnings),
            "failed": list(self.failed),
            "skipped": list(self.skipped),
            "duration_ms": round(self.duration_s * 1000),
        }


def diagnosis_of(checked: Sequence[Checked], duration_s: float) -> Diagnosis:
    """Return the diagnosis of checks that were made."""

    def named(outcome: Outcome) -> tuple[str, ...]:
        return tuple(each.name for each in checked if each.finding.outcome is outcome)

    return Diagnosis(
        ok=named(Outcome.OK),
        warnings=named(Outcome.WARNING),
        failed=named(Outcome.FAILED),
        skipped=named(Outcome.SKIPPED),
        duration_s=duration_s,
    )
