"""What a probe of the hook's URL found, step by step."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step on the way to a right answer; ``ok`` is None where it was never reached."""

    name: str
    ok: bool | None
    detail: str

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The steps, and what follows from them.

    ``cause`` is None where the endpoint answered our GET as it should.
    """

    url: str
    steps: tuple[ProbeStep, ...]
    cause: str | None
    next_step: str
    answered_by: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "url": self.url,
            "steps": [step.to_json() for step in self.steps],
            "cause": self.cause,
            "next_step": self.next_step,
            "answered_by": self.answered_by,
        }
