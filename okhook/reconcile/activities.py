"""What a person sees of ``okhook reconcile``: what was missed, what was mended, and the sum."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from okhook.activity import Activity, JsonObject, timestamp
from okhook.errors import Unavailable
from okhook.okta.log_entry import LogEntry
from okhook.reconcile.causes import Cause


@dataclass(frozen=True, slots=True)
class EventMissed(Activity):
    """An event that the hook should have delivered is not in the store."""

    type: ClassVar[str] = "missed"
    entry: LogEntry
    cause: Cause

    def _fields(self) -> JsonObject:
        return {
            "uuid": self.entry.uuid,
            "event_type": self.entry.event_type,
            "published": timestamp(self.entry.published),
            "cause": self.cause.likely.value,
            "detail": self.cause.detail,
        }


@dataclass(frozen=True, slots=True)
class EventReconstructed(Activity):
    """A missed event went through the receiver as a delivery of its own, ``event_id``."""

    type: ClassVar[str] = "reconstructed"
    entry: LogEntry
    event_id: str

    def _fields(self) -> JsonObject:
        return {
            "uuid": self.entry.uuid,
            "event_type": self.entry.event_type,
            "published": timestamp(self.entry.published),
            "event_id": self.event_id,
        }


@dataclass(frozen=True, slots=True)
class EventNotReconstructed(Activity):
    """A missed event is passed over: no receiver takes it in, because of ``reason``."""

    type: ClassVar[str] = "not_reconstructed"
    entry: LogEntry
    reason: str

    def _fields(self) -> JsonObject:
        return {
            "uuid": self.entry.uuid,
            "event_type": self.entry.event_type,
            "published": timestamp(self.entry.published),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class LookFailed(Activity):
    """A watch could not look to the end, and looks again ``wait_s`` seconds after ``at``."""

    type: ClassVar[str] = "look_failed"
    at: datetime
    outage: Unavailable
    wait_s: float

    def _fields(self) -> JsonObject:
        return {
            "at": timestamp(self.at),
            "what": self.outage.what,
            "why": self.outage.why,
            "wait_s": self.wait_s,
        }


@dataclass(slots=True)
class Cell:
    """How many events of one type there were in one hour, by what became of them."""

    received: int = 0
    duplicated: int = 0
    missed: int = 0
    pending: int = 0

    @property
    def expected(self) -> int:
        """How many should have come."""
        return self.received + self.duplicated + self.missed + self.pending

    def to_json(self) -> JsonObject:
        """Return the four numbers."""
        return {
            "received": self.received,
            "duplicated": self.duplicated,
            "missed": self.missed,
            "pending": self.pending,
        }


Cells = dict[tuple[str, datetime], Cell]
"""By event type and the hour's first moment."""


@dataclass(frozen=True, slots=True)
class Reconciled(Activity):
    """What it all came to, from ``since`` to ``until``.

    ``read`` entries of the log were looked at. ``passed_by`` of them happened while the hook was
    inactive or unverified; ``reconstructed`` of the missed ones were mended, and
    ``not_reconstructed`` passed over, because no receiver takes them in.
    """

    type: ClassVar[str] = "reconciled"
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
        """How many were missed and not mended."""
        return self.total.missed - self.reconstructed

    def _fields(self) -> JsonObject:
        return {
            "org": self.org,
            "hook_id": self.hook_id,
            "since": timestamp(self.since),
            "until": timestamp(self.until),
            "read": self.read,
            "expected": self.total.expected,
            "received": self.total.received,
            "duplicated": self.total.duplicated,
            "missed": self.total.missed,
            "pending": self.total.pending,
            "reconstructed": self.reconstructed,
            "not_reconstructed": self.not_reconstructed,
            "passed_by": self.passed_by,
            "cells": _cells_json(self.cells),
        }


def _cells_json(cells: Cells) -> list[JsonObject]:
    return [
        {"event_type": event_type, "hour": timestamp(hour), **cell.to_json()}
        for (event_type, hour), cell in sorted(cells.items())
    ]
