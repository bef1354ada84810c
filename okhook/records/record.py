"""Records: what the store keeps of each request to the hook's path."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from okhook.records.attempt import Forward, ForwardState
from okhook.wire.delivery import Delivery, InboundRequest, delivery_in

RECONSTRUCTED_HEADER: Final = "X-Okhook-Reconstructed"
"""Marks a delivery that okhook reconstructed from the System Log."""

SAMPLE_HEADER: Final = "X-Okhook-Sample"
"""Marks a delivery that ``okhook send-sample`` or the inspector sent."""


class RecordKind(StrEnum):
    """What a request was, or why it was not accepted."""

    DELIVERY = "delivery"
    CANARY = "canary"
    VERIFICATION = "verification"
    MALFORMED = "malformed"
    REFUSED = "refused"


class RecordStatus(StrEnum):
    """A record's status in one word. If several apply, it is the most important one."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    MALFORMED = "malformed"
    FORWARDED = "forwarded"
    FAILED = "failed"


class AuthOutcome(StrEnum):
    """Whether a request carried the hook's secret. The secret itself is never stored."""

    NOT_ASKED = "not_asked"
    MATCHED = "matched"
    DID_NOT_MATCH = "did_not_match"


@dataclass(slots=True)
class NewRecord:
    """A request to store, without secrets, and its answer. A refused one has an empty body."""

    kind: RecordKind
    request: InboundRequest
    status: int
    reason: str | None
    auth: AuthOutcome


@dataclass(frozen=True)
class Record:
    """A stored record. ``seq`` counts arrivals; ``duplicate_of`` is the first one's ``seq``.

    ``receiver`` is the name of the receiver that took it. A record of an older okhook has none.
    """

    seq: int
    kind: RecordKind
    request: InboundRequest
    status: int
    reason: str | None
    auth: AuthOutcome
    duplicate_of: int | None
    receiver: str | None = None

    @cached_property
    def delivery(self) -> Delivery:
        """The parsed body. A body that is not a delivery has no events and no ids."""
        return delivery_in(self.request.body)

    @property
    def is_duplicate(self) -> bool:
        """Whether it repeats an earlier record."""
        return self.duplicate_of is not None

    @property
    def is_reconstructed(self) -> bool:
        """Whether okhook reconstructed it from the System Log."""
        return self.request.header(RECONSTRUCTED_HEADER) is not None

    @property
    def is_sample(self) -> bool:
        """Whether its header says that okhook sent it, not Okta."""
        return self.request.header(SAMPLE_HEADER) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was looked up, with its forwarding to each target."""

    record: Record
    forwards: tuple[Forward, ...] = ()

    @property
    def status(self) -> RecordStatus:
        """The status: failed if one target failed, forwarded if every target accepted it."""
        if self.record.kind in (RecordKind.REFUSED, RecordKind.MALFORMED):
            return RecordStatus(self.record.kind.value)
        states = {forward.state for forward in self.forwards}
        if ForwardState.FAILED in states:
            return RecordStatus.FAILED
        if states == {ForwardState.DONE}:
            return RecordStatus.FORWARDED
        if self.record.is_duplicate:
            return RecordStatus.DUPLICATE
        return RecordStatus.STORED


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Conditions that a record must meet; one that is empty or None restricts nothing.

    ``events`` are event types or globs (``user.lifecycle.*``), of which one must match an event.
    ``user`` is the login or id of an actor or target. Each of ``words`` is a word or a phrase in
    the payload. ``receiver`` is the name of the one that took it, ``target`` the URL of an app that
    it was forwarded to. ``since`` and ``until`` include the moment itself. ``everything`` includes
    canaries and verification challenges.
    """

    events: tuple[str, ...] = ()
    user: str | None = None
    words: tuple[str, ...] = ()
    receiver: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    statuses: frozenset[RecordStatus] = frozenset()
    everything: bool = False
