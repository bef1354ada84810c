"""Counters of what this process did since it began. They only grow, and cost next to nothing."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ANSWER_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
"""The bounds for the durations of answers. Okta waits 3 s."""

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


@dataclass(frozen=True, slots=True)
class LeaseSeen:
    """Whether this process was the one that forwards to a target, when the store last said so.

    ``is_sure`` tells whether that must still be so.
    """

    held: bool
    is_sure: Callable[[], bool] = lambda: True

    @property
    def held_now(self) -> bool:
        """Whether this process is sure to be the one that forwards."""
        return self.held and self.is_sure()


class ServiceCounters:
    """What the receiver answered, and what the forwarders of this process tried.

    ``attempts`` counts by target URL and outcome. ``leases`` says for each target which process
    forwards to it; a target that is missing is not decided yet.
    """

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        self.answer_s = Histogram(ANSWER_BOUNDS_S)
        self.attempts: Counter[tuple[str, str]] = Counter()
        self.leases: dict[str, LeaseSeen] = {}

    def answered(self, status: int, duration_s: float) -> None:
        """Count an answer to a request, and how long it took from the head of the request."""
        self.answers[status] += 1
        self.answer_s.note(duration_s)

    def attempted(self, target: str, outcome: str) -> None:
        """Count an attempt to send a delivery to a target."""
        self.attempts[target, outcome] += 1
