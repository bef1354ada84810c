"""What a load measured."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """A load of ``duration_s``: ``answers`` in all, those that were not 2xx, and socket errors."""

    duration_s: float
    answers: int
    not_2xx: int
    socket_errors: int
    p50_s: float
    p99_s: float
    worst_s: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.duration_s

    @property
    def accepted(self) -> int:
        """How many answers were 2xx."""
        return self.answers - self.not_2xx

    @property
    def is_valid(self) -> bool:
        """Whether each delivery was accepted: a server that refuses is fast for nothing."""
        return self.answers > 0 and self.not_2xx == 0 and self.socket_errors == 0


@dataclass(frozen=True, slots=True)
class Medians:
    """What several loads come to."""

    rate: float
    p50_s: float
    p99_s: float


def medians_of(loads: Sequence[LoadFigures]) -> Medians:
    """Return the median of each figure by itself."""
    return Medians(
        rate=statistics.median(load.rate for load in loads),
        p50_s=statistics.median(load.p50_s for load in loads),
        p99_s=statistics.median(load.p99_s for load in loads),
    )


def percentile(durations_s: Iterable[float], share: float) -> float:
    """Return the duration that ``share`` of all do not exceed; 0 where there are none."""
    in_order = sorted(durations_s)
    return in_order[max(0, math.ceil(share * len(in_order)) - 1)] if in_order else 0.0
