"""Checks, what they can find, and the activities that report it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from okhook.activity import Activity
from okhook.errors import ConfigurationError, InvalidInput, OkhookError
from okhook.json_form import milliseconds

_CORRECT_IT = "correct the setting, or remove it"

F = TypeVar("F")


class Outcome(StrEnum):
    """The outcome of a check. Only ``FAILED`` makes the diagnosis unhealthy."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: ``detail`` is a sentence, each of the ``facts`` a line.

    ``remedy`` is a command to paste or an instruction, of one or more lines. ``bug`` is the
    exception of a check that crashed. Texts may come from outside.
    """

    outcome: Outcome
    detail: str
    remedy: str | None = None
    facts: tuple[str, ...] = ()
    bug: Exception | None = None

    @property
    def is_ok(self) -> bool | None:
        """Whether the check succeeded, if only with a warning; None if it was skipped."""
        return None if self.outcome is Outcome.SKIPPED else self.outcome is not Outcome.FAILED

    def redacted(self, redact: Callable[[str], str]) -> "Finding":
        """Return the same finding with ``redact`` applied to every text."""
        return replace(
            self,
            detail=redact(self.detail),
            remedy=None if self.remedy is None else redact(self.remedy),
            facts=tuple(redact(fact) for fact in self.facts),
        )


@dataclass(frozen=True, slots=True)
class Check(Generic[F]):
    """A check: a function of the facts. It is skipped if the check that it ``needs`` fails."""

    name: str
    run: Callable[[F], Awaitable[Finding]]
    needs: str | None = None


def ok(detail: str, *facts: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(Outcome.OK, detail, facts=facts)


def warning(detail: str, *facts: str, remedy: str | None = None) -> Finding:
    """Return a finding that deserves attention but breaks nothing."""
    return Finding(Outcome.WARNING, detail, remedy, facts)


def failed(detail: str, *facts: str, remedy: str | None = None) -> Finding:
    """Return a finding that something is broken."""
    return Finding(Outcome.FAILED, detail, remedy, facts)


def skipped(reason: str, *, remedy: str | None = None) -> Finding:
    """Return a finding that the check does not apply here, and why."""
    return Finding(Outcome.SKIPPED, reason, remedy)


NO_HOOK = skipped("found no hook to check")


def error_found(error: OkhookError) -> Finding:
    """Return an error, with its three parts, as a finding.

    The remedy for a wrong setting or option is to correct it, even if the error does not say so.
    """
    is_setting = isinstance(error, ConfigurationError | InvalidInput)
    remedy = error.next_step or (_CORRECT_IT if is_setting else None)
    return failed(error.what, *(error.why or "").splitlines(), remedy=remedy)


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
