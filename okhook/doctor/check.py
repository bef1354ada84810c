"""What a check is, and what it can find."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from okhook.errors import ConfigurationError, InvalidInput, OkhookError

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

    def redacted(self, hush: Callable[[str], str]) -> "Finding":
        """Return the same finding with ``hush`` applied to every text."""
        return replace(
            self,
            detail=hush(self.detail),
            remedy=None if self.remedy is None else hush(self.remedy),
            facts=tuple(hush(fact) for fact in self.facts),
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


NO_HOOK = skipped("there is no hook to check")


def error_found(error: OkhookError) -> Finding:
    """Return an error, with its three parts, as a finding.

    The remedy for a wrong setting or option is to correct it, even if the error does not say so.
    """
    is_setting = isinstance(error, ConfigurationError | InvalidInput)
    remedy = error.next_step or (_CORRECT_IT if is_setting else None)
    return failed(error.what, *(error.why or "").splitlines(), remedy=remedy)
