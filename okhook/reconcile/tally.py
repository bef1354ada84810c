"""Count received and missed events by type and hour."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import final

from okhook.okta.system_log import LogEntry


class Fate(StrEnum):
    """The result for an event that the hook should have delivered."""

    RECEIVED = "received"
    DUPLICATED = "duplicated"
    MISSED = "missed"
    PENDING = "pending"


@dataclass(slots=True)
class Cell:
    """The counts for one event type in one hour."""

    received: int = 0
    duplicated: int = 0
    missed: int = 0
    pending: int = 0

    @property
    def expected(self) -> int:
        """How many the hook should have delivered."""
        return self.received + self.duplicated + self.missed + self.pending


@final
@dataclass(slots=True)
class Tally:
    """The counts of one run.

    ``read`` counts log entries; ``passed_by`` those from when the hook was inactive or unverified.
    ``cells`` has the counts by event type and the start of the hour. The run read the log up to
    ``reached``; ``unsettled`` is the time of the first event that is not in the store.
    """

    read: int = 0
    passed_by: int = 0
    reconstructed: int = 0
    not_reconstructed: int = 0
    total: Cell = field(default_factory=Cell)
    cells: dict[tuple[str, datetime], Cell] = field(default_factory=dict)
    reached: datetime | None = None
    unsettled: datetime | None = None

    def count(self, entry: LogEntry, fate: Fate) -> None:
        """Count an event."""
        hour = entry.published.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        cell = self.cells.setdefault((entry.event_type, hour), Cell())
        for each in (cell, self.total):
            setattr(each, fate.value, getattr(each, fate.value) + 1)

    def leave_open(self, entry: LogEntry) -> None:
        """Note that the store does not have the event, so the next run checks it again."""
        if self.unsettled is None or entry.published < self.unsettled:
            self.unsettled = entry.published

    @property
    def still_missed(self) -> int:
        """How many were missed and not reconstructed."""
        return self.total.missed - self.reconstructed


def fate_of(entry: LogEntry, copies: int, *, missed_before: datetime) -> Fate:
    """Return the result for an event that the store has in ``copies`` deliveries."""
    if copies > 1:
        return Fate.DUPLICATED
    if copies == 1:
        return Fate.RECEIVED
    return Fate.MISSED if entry.published < missed_before else Fate.PENDING
