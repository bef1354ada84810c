"""A check as data: what it is called, what it needs, and what it found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from okhook.errors import ConfigurationError, InvalidInput, OkhookError

_CORRECT_IT = "correct it there, or take it away"

F = TypeVar("F")


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

    def redacted(self, hush: Callable[[str], str]) -> "Finding":
        """Return the same with every text as ``hush`` gives it."""
        return replace(
            self,
            detail=hush(self.detail),
            remedy=None if self.remedy is None else hush(self.remedy),
            facts=tuple(hush(fact) for fact in self.facts),
        )


@dataclass(frozen=True, slots=True)
class Check(Generic[F]):
    """A check to be made of the facts. One that ``needs`` another is left out if that fails."""

    name: str
    run: Callable[[F], Awaitable[Finding]]
    needs: str | None = None


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


NO_HOOK = skipped("there is no hook to look at")


def error_found(error: OkhookError) -> Finding:
    """Return an error with its three parts as what a check found.

    A setting or an option that is wrong has to be corrected, even if the error does not say so.
    """
    is_setting = isinstance(error, ConfigurationError | InvalidInput)
    remedy = error.next_step or (_CORRECT_IT if is_setting else None)
    return failed(error.what, *(error.why or "").splitlines(), remedy=remedy)
