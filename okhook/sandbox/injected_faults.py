"""Faults that the org was asked for: which answers are to be spoilt, and in which way.

A fault is written ``KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]``: ``429=3:2@/api/v1/logs`` spoils
the next two answers about the System Log, ``cut@POST/api/v1/users`` that to the next new user.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, final

FORM = "KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]"

_FORM = re.compile(
    r"(?P<kind>[a-z0-9-]+)"
    r"(?:=(?P<seconds>[0-9]{1,4}(?:\.[0-9]{1,3})?))?"
    r"(?::(?P<count>[0-9]{1,6}))?"
    r"(?:@(?P<method>[A-Z]+)?(?P<prefix>/\S*))?"
)


class FaultKind(StrEnum):
    """The ways in which an answer is spoilt."""

    RATE_LIMIT = "429"
    """Refused as one call too many; the limit is reset SECONDS (3) after the answer's Date."""

    SERVER_ERROR = "500"
    """Refused, and nothing is carried out."""

    SLOW = "slow"
    """Carried out, and answered SECONDS (5) later."""

    CUT = "cut"
    """Carried out; the connection closes in the middle of the answer's body, if it has one."""

    NEXT_LOOP = "next-loop"
    """A list whose next page is the same page again; other answers are left alone."""


_DEFAULT_S: Final = {FaultKind.RATE_LIMIT: 3.0, FaultKind.SLOW: 5.0}


@dataclass(frozen=True, slots=True)
class Fault:
    """The next ``count`` answers for paths that begin with ``prefix`` are spoilt.

    ``method`` None is any; ``seconds`` counts for 429 and slow alone.
    """

    kind: FaultKind
    count: int = 1
    method: str | None = None
    prefix: str = "/"
    seconds: float = 0.0

    def is_for(self, method: str, path: str) -> bool:
        """Tell whether the answer to such a call may be spoilt."""
        return self.method in (None, method) and path.startswith(self.prefix)


Faults = tuple[Fault, ...]


def read_fault(text: str) -> Fault:
    """Read a fault as it is written.

    Raises:
        ValueError: it is none; the message says why.

    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"must be {FORM}")
    name, seconds, count = match["kind"], match["seconds"], match["count"]
    if name not in {kind.value for kind in FaultKind}:
        raise ValueError(f"there is no fault {name}; there are {', '.join(FaultKind)}")
    kind = FaultKind(name)
    default = _DEFAULT_S.get(kind)
    if seconds is not None and default is None:
        raise ValueError(f"{name} takes no seconds")
    return Fault(
        kind=kind,
        count=1 if count is None else int(count),
        method=match["method"],
        prefix=match["prefix"] or "/",
        seconds=float(seconds) if seconds is not None else default or 0.0,
    )


@final
class FaultsLeft:
    """Counts down: a fault is there until as many answers are spoilt as it says."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)
        self._left = [fault.count for fault in faults]

    def take(self, kind: FaultKind, method: str, path: str) -> Fault | None:
        """Return the first fault of a kind for such a call, once less; None where there is none."""
        for index, fault in enumerate(self._faults):
            if fault.kind is kind and self._left[index] and fault.is_for(method, path):
                self._left[index] -= 1
                return fault
        return None
