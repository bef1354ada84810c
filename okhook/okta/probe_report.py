"""What a probe found: its steps, and what follows from them."""

from dataclasses import dataclass
from typing import Annotated

from okhook.wire.url import WITHOUT_CREDENTIALS


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step towards the right answer; ``ok`` is None where it was not reached.

    ``cause`` and ``next_step`` are set where it failed.
    """

    json_fields = "name ok detail"

    name: str
    ok: bool | None
    detail: str
    cause: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The steps, and what follows from them.

    ``cause`` is None where the endpoint answered our GET as it should.
    """

    url: Annotated[str, WITHOUT_CREDENTIALS]
    steps: tuple[ProbeStep, ...]
    cause: str | None
    next_step: str
    answered_by: str | None
