"""What became of each delivery of a load."""

import hashlib
from array import array
from collections import Counter
from dataclasses import dataclass, field

from tests.load.deliveries import FreshDelivery


@dataclass(slots=True)
class Outcomes:
    """Every delivery that was begun is in one of the three, by its ``eventId``.

    ``acknowledged`` were answered 204, with the SHA-256 of the bytes sent; ``refused`` were
    answered with the status given; of ``unknown`` no whole answer came, so that nobody can say
    whether they were kept. ``durations_s`` are those of the answered ones, in no order.
    """

    acknowledged: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    durations_s: "array[float]" = field(default_factory=lambda: array("d"))

    def answered(self, delivery: FreshDelivery, status: int, duration_s: float) -> None:
        """Note an answer that came whole."""
        self.durations_s.append(duration_s)
        if status == 204:
            self.acknowledged[delivery.event_id] = digest_of(delivery.body)
        else:
            self.refused[delivery.event_id] = status

    def lost(self, delivery: FreshDelivery) -> None:
        """Note that the connection ended before the answer."""
        self.unknown.add(delivery.event_id)

    def summary(self) -> str:
        """Return the counts, for the message of a test that failed."""
        statuses = dict(Counter(self.refused.values()))
        counts = f"{len(self.acknowledged)} acknowledged, {len(self.unknown)} unknown"
        return f"{counts}, refused: {statuses}"

    def add(self, other: "Outcomes") -> None:
        """Take in what became of another load's deliveries."""
        self.acknowledged |= other.acknowledged
        self.refused |= other.refused
        self.unknown |= other.unknown
        self.durations_s.extend(other.durations_s)


def digest_of(body: bytes) -> bytes:
    """Return what is remembered of a body, so that a long load fits into memory."""
    return hashlib.sha256(body).digest()
