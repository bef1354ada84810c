"""Counters of what this process did since it began. They only grow, and cost next to nothing."""

from bisect import bisect_left
from collections.abc import Sequence

COMMIT_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0)
"""The bounds for the durations of commits."""


class Histogram:
    """Counts durations in seconds: ``counts`` has one number for each bound, and one for the rest.

    A duration counts for the first bound that it does not exceed.
    """

    def __init__(self, bounds_s: Sequence[float]) -> None:
        self.bounds_s = tuple(bounds_s)
        self.counts = [0] * (len(self.bounds_s) + 1)
        self.total_s = 0.0

    def note(self, duration_s: float) -> None:
        """Count a duration."""
        self.counts[bisect_left(self.bounds_s, duration_s)] += 1
        self.total_s += duration_s
