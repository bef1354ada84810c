"""The activities of ``okhook trace``: the steps of a delivery, its state, and the next steps."""

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from okhook.activity import Activity
from okhook.records.attempt import Attempt
from okhook.records.record import Record, RecordKind, RecordStatus

MOST_IDS: Final = 10
"""A command with more ids than this selects a status instead."""


class Arrived(Activity):
    """A request was received."""

    type = "trace_step"
    json_fields = (
        "step record.seq at answered=record.status record.reason"
        " record.delivery.event_id record.duplicate_of record.delivery.events"
    )
    record: Record

    @property
    def at(self) -> datetime:
        """When it was received."""
        return self.record.request.received_at

    @property
    def step(self) -> str:
        """``received`` for a delivery, ``duplicate``, or the kind of the record."""
        if self.record.is_duplicate:
            return "duplicate"
        is_delivery = self.record.kind is RecordKind.DELIVERY
        return "received" if is_delivery else self.record.kind.value


class Tried(Activity):
    """Attempts in a row with the same target, purpose and outcome."""

    type = "trace_step"
    json_fields = (
        "step last.seq at until last.target last.purpose first=first.number"
        " last=last.number last.status last.fault last.reason last.duration_s"
    )
    step = "attempts"
    attempts: tuple[Attempt, ...]

    @property
    def first(self) -> Attempt:
        """The first attempt."""
        return self.attempts[0]

    @property
    def at(self) -> datetime:
        """When the first attempt began."""
        return self.attempts[0].began_at

    @property
    def last(self) -> Attempt:
        """The last attempt."""
        return self.attempts[-1]

    @property
    def until(self) -> datetime:
        """When the last attempt ended."""
        return self.last.began_at + timedelta(seconds=self.last.duration_s)


Step = Arrived | Tried


class Where(StrEnum):
    """The state of a delivery."""

    FORWARDED = "forwarded"
    WAITING = "waiting"
    PENDING = "pending"
    FAILED = "failed"
    NOT_FORWARDED = "not_forwarded"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class End:
    """The state of the delivery ``seq``, at ``target`` if it is forwarded.

    ``status`` and ``fault`` are those of the last attempt. For a refused delivery, ``status`` is
    the receiver's own answer. ``next_at`` is the time of the next attempt.
    """

    seq: int
    where: Where
    target: str | None = None
    attempts: int = 0
    status: int | None = None
    fault: str | None = None
    next_at: datetime | None = None


class TraceEnd(Activity):
    """The state of each delivery, and the commands to run next."""

    type = "trace_end"
    query: str
    ends: tuple[End, ...]
    next_steps: tuple[str, ...]


def next_steps(ends: Sequence[End]) -> Iterator[str]:
    """Yield the commands for deliveries that no app accepted, each once."""
    failed: defaultdict[str, list[int]] = defaultdict(list)
    for end in ends:
        if end.where is Where.FAILED and end.target is not None:
            failed[end.target].append(end.seq)
    for target, seqs in failed.items():
        yield f"okhook replay {_which(seqs, RecordStatus.FAILED)} --to {shlex.quote(target)}"
    underway = (end.target for end in ends if end.where in (Where.WAITING, Where.PENDING))
    for target in dict.fromkeys(target for target in underway if target is not None):
        yield f"okhook serve --forward-to {shlex.quote(target)}"
    unsent = [end.seq for end in ends if end.where is Where.NOT_FORWARDED]
    if unsent:
        yield f"okhook replay {_which(unsent, RecordStatus.STORED)} --to URL"
    if any(end.where is Where.REFUSED and end.status == HTTPStatus.UNAUTHORIZED for end in ends):
        yield "okhook register"
    malformed = [end.seq for end in ends if end.where is Where.MALFORMED]
    if malformed:
        yield f"okhook deliveries show {malformed[-1]}"


def _which(seqs: Sequence[int], status: RecordStatus) -> str:
    return " ".join(map(str, seqs)) if len(seqs) <= MOST_IDS else f"--status {status}"
