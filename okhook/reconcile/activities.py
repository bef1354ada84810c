"""The activities of ``okhook reconcile``."""

from datetime import datetime

from okhook.activity import Activity
from okhook.errors import Unavailable
from okhook.json_form import JsonObject, fields_as_json, timestamp
from okhook.okta.system_log import LogEntry
from okhook.reconcile.causes import Cause
from okhook.reconcile.cursor import Window
from okhook.reconcile.tally import Tally

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
