"""Count what became of events, by type and hour."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import final

from okhook.okta.log_entry import LogEntry
from okhook.reconcile.activities import Cell, Cells, Reconciled
from okhook.reconcile.cursor import Window
from okhook.wire.org import Org


class Fate(StrEnum):
    """What became of an event that the hook should have delivered."""

    RECEIVED = "received"
    DUPLICATED = "duplicated"
    MISSED = "missed"
    PENDING = "pending"


@final
@dataclass(slots=True)
class Tally:
    """The counts of one look.

    ``reached`` is how far in time it looked; ``unsettled`` when the first event happened that is
    not here.
    """

    read: int = 0
    passed_by: int = 0
    reconstructed: int = 0
    not_reconstructed: int = 0
    total: Cell = field(default_factory=Cell)
    cells: Cells = field(default_factory=dict)
    reached: datetime | None = None
    unsettled: datetime | None = None

    def count(self, entry: LogEntry, fate: Fate) -> None:
        """Count one event."""
        cell = self.cells.setdefault((entry.event_type, _hour(entry.published)), Cell())
        for each in (cell, self.total):
            setattr(each, fate.value, getattr(each, fate.value) + 1)

    def leave_open(self, entry: LogEntry) -> None:
        """Note that the event is not here yet, so that the next run looks at it again."""
        if self.unsettled is None or entry.published < self.unsettled:
            self.unsettled = entry.published

    def reconciled(self, org: Org, hook_id: str, window: Window) -> Reconciled:
        """Return what the whole look came to."""
        return Reconciled(
            org=org.url,
            hook_id=hook_id,
            since=window.since,
            until=window.until,
            read=self.read,
            total=self.total,
            passed_by=self.passed_by,
            reconstructed=self.reconstructed,
            not_reconstructed=self.not_reconstructed,
            cells=self.cells,
        )


def fate_of(entry: LogEntry, copies: int, *, missed_before: datetime) -> Fate:
    """Return what became of an event of which the store has ``copies`` deliveries.

    One that is not there and happened before ``missed_before`` is missed; a younger one is pending.
    """
    if copies > 1:
        return Fate.DUPLICATED
    if copies == 1:
        return Fate.RECEIVED
    return Fate.MISSED if entry.published < missed_before else Fate.PENDING


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
