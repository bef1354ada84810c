"""The steps of a delivery's story: when it came, and what was tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from okhook.activity import Activity, JsonObject, event_json, timestamp
from okhook.records.as_json import delivery_in
from okhook.records.attempt import Attempt
from okhook.records.record import Record, RecordKind


@dataclass(frozen=True, slots=True)
class Arrived(Activity):
    """A request came in and was answered."""

    type: ClassVar[str] = "trace_step"
    record: Record

    @property
    def at(self) -> datetime:
        """When it came, aware UTC."""
        return self.record.request.received_at

    @property
    def step(self) -> str:
        """What it was: ``received`` for a delivery, else its kind, or ``duplicate``."""
        if self.record.duplicate_of is not None:
            return "duplicate"
        is_delivery = self.record.kind is RecordKind.DELIVERY
        return "received" if is_delivery else self.record.kind.value

    def _fields(self) -> JsonObject:
        delivery = delivery_in(self.record)
        events = () if delivery is None else delivery.events
        return {
            "step": self.step,
            "id": self.record.seq,
            "at": timestamp(self.at),
            "answered": self.record.status,
            "reason": self.record.reason,
            "event_id": None if delivery is None else delivery.event_id,
            "duplicate_of": self.record.duplicate_of,
            "events": [event_json(event) for event in events],
        }


@dataclass(frozen=True, slots=True)
class Tried(Activity):
    """Attempts in a row that went to one target, for one reason, and ended alike."""

    type: ClassVar[str] = "trace_step"
    attempts: tuple[Attempt, ...]

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

    def _fields(self) -> JsonObject:
        last = self.last
        return {
            "step": "attempts",
            "id": last.seq,
            "at": timestamp(self.at),
            "until": timestamp(self.until),
            "target": last.target,
            "purpose": last.purpose.value,
            "first": self.attempts[0].number,
            "last": last.number,
            "status": last.status,
            "fault": last.fault,
            "error": last.reason,
            "duration_ms": round(last.duration_s * 1000, 2),
        }


Step = Arrived | Tried
