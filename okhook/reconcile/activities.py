"""The activities of ``okhook reconcile``, and its counts by event type and hour."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.json_form import JsonObject, fields_as_json, timestamp
from okhook.okta.system_log import LogEntry
from okhook.reconcile.causes import Cause
from okhook.reconcile.cursor import Window


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


_ENTRY = "entry.uuid entry.event_type entry.published"


class EventMissed(Activity):
    """An event that the hook should have delivered is not in the store."""

    type = "missed"
    json_fields = f"{_ENTRY} cause=cause.likely cause.detail"
    entry: LogEntry
    cause: Cause


class EventReconstructed(Activity):
    """A missed event was sent to the receiver as the delivery ``event_id``."""

    type = "reconstructed"
    json_fields = f"{_ENTRY} event_id"
    entry: LogEntry
    event_id: str


class EventNotReconstructed(Activity):
    """A missed event was skipped: the receiver cannot accept it."""

    type = "not_reconstructed"
    json_fields = f"{_ENTRY} reason"
    entry: LogEntry
    reason: str


class LookFailed(Activity):
    """A run of ``--watch`` failed; the next one starts in ``wait_s``."""

    type = "look_failed"
    json_fields = "at outage.what outage.why wait_s"
    at: datetime
    outage: Unavailable
    wait_s: float


class Reconciled(Activity):
    """The totals of a run over ``window``."""

    type = "reconciled"
    json_fields = (
        "org hook_id window.since window.until tally.read tally.total.expected"
        " tally.total.received tally.total.duplicated tally.total.missed tally.total.pending"
        " tally.reconstructed tally.not_reconstructed tally.passed_by cells"
    )
    org: str
    hook_id: str
    window: Window
    tally: Tally

    @property
    def cells(self) -> list[JsonObject]:
        """The counts by event type and hour."""
        return [
            {"event_type": event_type, "hour": timestamp(hour), **fields_as_json(cell)}
            for (event_type, hour), cell in sorted(self.tally.cells.items())
        ]
