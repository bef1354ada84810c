"""What to remove from a store."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """Remove ``count`` records; ``held`` more match, but are not forwarded yet."""

    up_to_seq: int | None
    received_before: datetime | None
    count: int
    size_bytes: int
    held: int
