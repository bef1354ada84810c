"""Records: what is kept of each request that reached the hook's path."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from okhook.records.attempt import Forward, ForwardState
from okhook.records.status import RecordStatus
from okhook.wire.delivery import Delivery, InboundRequest, parse_delivery
from okhook.wire.payload import NotADelivery

RECONSTRUCTED_HEADER: Final = "X-Okhook-Reconstructed"
"""Marks a delivery that was rebuilt from the System Log, because the real one never came."""

SEQ_NAME: Final = "id"
"""What a record's ``seq`` is called in the JSON of the commands that look records up."""


class RecordKind(StrEnum):
    """What became of a request."""

    DELIVERY = "delivery"
    CANARY = "canary"
    VERIFICATION = "verification"
    MALFORMED = "malformed"
    REFUSED = "refused"


class AuthOutcome(StrEnum):
    """Whether the request carried the hook's secret. The secret itself is never kept."""

    NOT_ASKED = "not_asked"
    MATCHED = "matched"
    DID_NOT_MATCH = "did_not_match"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A request with its answer, ready to be kept.

    ``request`` has its secrets masked; its body is empty where the request was refused.
    """

    kind: RecordKind
    request: InboundRequest
    status: int
    reason: str | None
    auth: AuthOutcome


@dataclass(frozen=True)
class Record:
    """A record as kept. ``seq`` grows with arrival; ``duplicate_of`` is the first one's ``seq``."""

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
        """Whether it was rebuilt from the System Log."""
        marker = RECONSTRUCTED_HEADER.lower().encode()
        return any(name.lower() == marker for name, _ in self.request.headers)


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was looked up, and where its forwarding stands at each target."""

    record: Record
    forwards: tuple[Forward, ...] = ()

    @property
    def status(self) -> RecordStatus:
        """The record in one word.

        Failed as soon as one target has not taken it; forwarded once every target that it was sent
        to has; a delivery that still waits is stored.
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
        if self.record.duplicate_of is not None:
            return RecordStatus.DUPLICATE
        return RecordStatus.STORED
