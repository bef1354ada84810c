"""What a probe of the hook's URL found, step by step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step on the way to a right answer; ``ok`` is None where it was never reached."""

    name: str
    ok: bool | None
    detail: str


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
