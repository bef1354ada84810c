"""The activities of ``okhook reconcile``: what was missed, what was reconstructed, the totals."""

from dataclasses import dataclass, field
from datetime import datetime

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.json_form import JsonObject, fields_as_json, timestamp
from okhook.okta.log_entry import LogEntry
from okhook.reconcile.causes import Cause

_ENTRY = "entry.uuid entry.event_type entry.published"


class EventMissed(Activity):
    """An event that the hook should have delivered is not in the store."""

    type = "missed"
    json_fields = f"{_ENTRY} cause=cause.likely cause.detail"
    entry: LogEntry
    cause: Cause


class EventReconstructed(Activity):
    """A missed event was sent to the receiver, as the delivery ``event_id``."""

    type = "reconstructed"
    json_fields = f"{_ENTRY} event_id"
    entry: LogEntry
    event_id: str


class EventNotReconstructed(Activity):
    """No receiver accepts a missed event, because of ``reason``; it is left out."""

    type = "not_reconstructed"
    json_fields = f"{_ENTRY} reason"
    entry: LogEntry
    reason: str


class LookFailed(Activity):
    """A look of a watch failed at ``at``; the next one is ``wait_s`` later."""

    type = "look_failed"
    json_fields = "at outage.what outage.why wait_s"
    at: datetime
    outage: Unavailable
    wait_s: float


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


Cells = dict[tuple[str, datetime], Cell]
"""By event type and the hour's first moment."""


class Reconciled(Activity):
    """The result for the events from ``since`` to ``until``.

    ``read`` log entries were looked at. ``passed_by`` of them happened while the hook was inactive
    or unverified. Of the missed events ``reconstructed`` were sent to the receiver, and
    ``not_reconstructed`` were not accepted by it.
    """

    type = "reconciled"
    json_fields = (
        "org hook_id since until read total.expected total.received total.duplicated total.missed"
        " total.pending reconstructed not_reconstructed passed_by cells=listed_cells"
    )
    org: str
    hook_id: str
    since: datetime
    until: datetime
    read: int
    total: Cell
    passed_by: int
    reconstructed: int
    not_reconstructed: int
    cells: Cells = field(default_factory=dict)

    @property
    def still_missed(self) -> int:
        """How many were missed and not reconstructed."""
        return self.total.missed - self.reconstructed

    @property
    def listed_cells(self) -> list[JsonObject]:
        """The counts by event type and hour, in order, as JSON."""
        return [
            {"event_type": event_type, "hour": timestamp(hour), **fields_as_json(cell)}
            for (event_type, hour), cell in sorted(self.cells.items())
        ]
