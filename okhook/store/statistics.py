"""What a store counts, for operators and for the inspector."""

from dataclasses import dataclass, field

from okhook.runtime.counters import COMMIT_BOUNDS_S, Histogram


@dataclass(slots=True)
class CommitCounters:
    """The commits of a store since it was opened: of records, and of what forwarding notes.

    ``duration_s`` has those that succeeded.
    """

    duration_s: Histogram = field(default_factory=lambda: Histogram(COMMIT_BOUNDS_S))
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds from the reception of records: to their commit, and to the answer of an app."""

    commit_s: list[float]
    forward_s: list[float]
