"""Records: what the store keeps of each request to the hook's path."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from okhook.records.attempt import Forward, ForwardState
from okhook.records.status import RecordStatus
from okhook.wire.delivery import Delivery, InboundRequest, parse_delivery
from okhook.wire.payload import NotADelivery

RECONSTRUCTED_HEADER: Final = "X-Okhook-Reconstructed"
"""Marks a delivery that okhook reconstructed from the System Log."""


class RecordKind(StrEnum):
    """What a request was, or why it was not accepted."""

    DELIVERY = "delivery"
    CANARY = "canary"
    VERIFICATION = "verification"
    MALFORMED = "malformed"
    REFUSED = "refused"


class AuthOutcome(StrEnum):
    """Whether a request carried the hook's secret. The secret itself is never stored."""

    NOT_ASKED = "not_asked"
    MATCHED = "matched"
    DID_NOT_MATCH = "did_not_match"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A request and how it was answered, to be stored.

    ``request`` has its secrets masked. If it was refused, its body is empty.
    """

    kind: RecordKind
    request: InboundRequest
    status: int
    reason: str | None
    auth: AuthOutcome


@dataclass(frozen=True)
class Record:
    """A stored record. ``seq`` counts arrivals. ``duplicate_of`` is the ``seq`` that it repeats."""

    seq: int
    kind: RecordKind
    request: InboundRequest
    status: int
    reason: str | None
    auth: AuthOutcome
    duplicate_of: int | None

    @cached_property
    def delivery(self) -> Delivery:
        """What the body says. A body that is no delivery has no events and no ids."""
        try:
            return parse_delivery(self.request.body)
        except NotADelivery:
            return Delivery(None, None, ())

    @property
    def is_duplicate(self) -> bool:
        """Whether it repeats an earlier one."""
        return self.duplicate_of is not None

    @property
    def is_reconstructed(self) -> bool:
        """Whether okhook reconstructed it from the System Log."""
        marker = RECONSTRUCTED_HEADER.lower().encode()
        return any(name.lower() == marker for name, _ in self.request.headers)


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was looked up, with its forwarding to each target."""

    record: Record
    forwards: tuple[Forward, ...] = ()

    @property
    def status(self) -> RecordStatus:
        """The record in one word.

        It is failed if one target has not accepted it, and forwarded if each target that it was
        sent to has. A delivery that still waits is stored.
        """
        if self.record.kind is RecordKind.REFUSED:
            return RecordStatus.REFUSED
        if self.record.kind is RecordKind.MALFORMED:
            return RecordStatus.MALFORMED
        states = {forward.state for forward in self.forwards}
        if ForwardState.FAILED in states:
            return RecordStatus.FAILED
        if states == {ForwardState.DONE}:
            return RecordStatus.FORWARDED
        if self.record.is_duplicate:
            return RecordStatus.DUPLICATE
        return RecordStatus.STORED
