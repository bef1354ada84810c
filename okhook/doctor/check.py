"""A check as data: what it is called, what it needs, and what it found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from okhook.errors import ConfigurationError, InvalidInput, OkhookError

DEFAULT_TIMEOUT_S = 10.0

_CORRECT_IT = "correct it there, or take it away"


class Outcome(StrEnum):
    """What a check came to. Only a failed one makes the whole diagnosis a bad one."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: ``detail`` in a sentence, ``facts`` a line each, ``remedy`` to do.

    A remedy is a command to paste or an instruction; it may have several lines. ``bug`` is what
    stopped the check where that was a fault of okhook's own. Texts may come from outside.
    """

    outcome: Outcome
    detail: str
    remedy: str | None = None
    facts: tuple[str, ...] = ()
    bug: Exception | None = None

    @property
    def is_ok(self) -> bool | None:
        """Whether the part works, a warning included; None where it was left out."""
        return None if self.outcome is Outcome.SKIPPED else self.outcome is not Outcome.FAILED

    def told_by(self, hush: Callable[[str], str]) -> "Finding":
        """Return the same with every text as ``hush`` gives it."""
        return replace(
            self,
            detail=hush(self.detail),
            remedy=None if self.remedy is None else hush(self.remedy),
            facts=tuple(hush(fact) for fact in self.facts),
        )


Run = Callable[[], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check to be made. It runs once those that it ``needs`` have found nothing wrong.

    ``timeout_s`` bounds its own time, and not the wait for those.
    """

    name: str
    run: Run
    needs: tuple[str, ...] = ()
    timeout_s: float = DEFAULT_TIMEOUT_S


def ok(detail: str, *facts: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(Outcome.OK, detail, facts=facts)


def warning(detail: str, *facts: str, remedy: str | None = None) -> Finding:
    """Return the finding that something deserves a look, and stops nothing."""
    return Finding(Outcome.WARNING, detail, remedy, facts)


def failed(detail: str, *facts: str, remedy: str | None = None) -> Finding:
    """Return the finding that something is broken."""
    return Finding(Outcome.FAILED, detail, remedy, facts)


def skipped(reason: str, *, remedy: str | None = None) -> Finding:
    """Return the finding that the check does not apply here, and why."""
    return Finding(Outcome.SKIPPED, reason, remedy)


def fault_found(fault: OkhookError) -> Finding:
    """Return an outcome of ours, told in its three parts, as what a check found.

    What cannot be meant is to be corrected, also where the outcome does not say so.
    """
    cannot_be_meant = isinstance(fault, ConfigurationError | InvalidInput)
    remedy = fault.next_step or (_CORRECT_IT if cannot_be_meant else None)
    return failed(fault.what, *(fault.why or "").splitlines(), remedy=remedy)
