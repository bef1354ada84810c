"""Count what became of events, by type and hour."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import final

from okhook.okta.log_entry import LogEntry


class Fate(StrEnum):
    """What became of an event that the hook should have delivered."""

    RECEIVED = "received"
    DUPLICATED = "duplicated"
    MISSED = "missed"
    PENDING = "pending"


@dataclass(slots=True)
class Cell:
    """Counts of the events of one type in one hour, by what became of them."""

    received: int = 0
    duplicated: int = 0
    missed: int = 0
    pending: int = 0

    @property
    def expected(self) -> int:
        """How many should have come."""
        return self.received + self.duplicated + self.missed + self.pending


@final
@dataclass(slots=True)
class Tally:
    """The counts of one look.

    ``read`` log entries were looked at. ``passed_by`` of them happened while the hook was inactive
    or unverified. Of the missed events ``reconstructed`` were sent to the receiver, and
    ``not_reconstructed`` were not accepted by it. ``cells`` are by event type and the hour's first
    moment. ``reached`` is how far in time it looked; ``unsettled`` when the first event happened
    that is not here.
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
        """Count one event."""
        hour = entry.published.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        cell = self.cells.setdefault((entry.event_type, hour), Cell())
        for each in (cell, self.total):
            setattr(each, fate.value, getattr(each, fate.value) + 1)

    def leave_open(self, entry: LogEntry) -> None:
        """Note that the event is not here yet, so that the next run looks at it again."""
        if self.unsettled is None or entry.published < self.unsettled:
            self.unsettled = entry.published

    @property
    def still_missed(self) -> int:
        """How many were missed and not reconstructed."""
        return self.total.missed - self.reconstructed


def fate_of(entry: LogEntry, copies: int, *, missed_before: datetime) -> Fate:
    """Return what became of an event of which the store has ``copies`` deliveries.

    One that is not there and happened before ``missed_before`` is missed; a younger one is pending.
    """
    if copies > 1:
        return Fate.DUPLICATED
    if copies == 1:
        return Fate.RECEIVED
    return Fate.MISSED if entry.published < missed_before else Fate.PENDING
