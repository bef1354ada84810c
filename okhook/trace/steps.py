"""The steps of a trace: when a delivery came, and the attempts to forward it."""

from datetime import datetime, timedelta

from okhook.activity import Activity
from okhook.records.attempt import Attempt
from okhook.records.record import SEQ_NAME, Record, RecordKind


class Arrived(Activity):
    """A request came in and was answered."""

    type = "trace_step"
    json_fields = (
        f"step {SEQ_NAME}=record.seq at answered=record.status record.reason"
        " record.delivery.event_id record.duplicate_of record.delivery.events"
    )
    record: Record

    @property
    def at(self) -> datetime:
        """When it came, aware UTC."""
        return self.record.request.received_at

    @property
    def step(self) -> str:
        """What it was: ``received`` for a delivery, else its kind, or ``duplicate``."""
        if self.record.is_duplicate:
            return "duplicate"
        is_delivery = self.record.kind is RecordKind.DELIVERY
        return "received" if is_delivery else self.record.kind.value


class Tried(Activity):
    """Attempts in a row with the same target, purpose and outcome."""

    type = "trace_step"
    json_fields = (
        f"step {SEQ_NAME}=last.seq at until last.target last.purpose first=first.number"
        " last=last.number last.status last.fault last.reason last.duration_s"
    )
    step = "attempts"
    attempts: tuple[Attempt, ...]

    @property
    def first(self) -> Attempt:
        """The first of them."""
        return self.attempts[0]

    @property
    def at(self) -> datetime:
        """When the first of them began, aware UTC."""
        return self.attempts[0].began_at

    @property
    def last(self) -> Attempt:
        """The last of them."""
        return self.attempts[-1]

    @property
    def until(self) -> datetime:
        """When the last of them ended, aware UTC."""
        return self.last.began_at + timedelta(seconds=self.last.duration_s)


Step = Arrived | Tried
