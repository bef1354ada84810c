"""Records: what is kept of each request that reached the hook's path."""

from dataclasses import dataclass
from enum import StrEnum

from okhook.delivery import InboundRequest


class RecordKind(StrEnum):
    """What became of a request."""

    DELIVERY = "delivery"
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
    ``event_id`` and ``event_uuids`` are what a repeated delivery is recognised by.
    """

    kind: RecordKind
    request: InboundRequest
    status: int
    reason: str | None
    auth: AuthOutcome
    event_id: str | None = None
    event_uuids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A record as kept. ``seq`` grows with arrival; ``duplicate_of`` is the first one's ``seq``."""

    seq: int
    kind: RecordKind
    request: InboundRequest
    status: int
    reason: str | None
    auth: AuthOutcome
    duplicate_of: int | None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a record went, and which earlier delivery it repeats."""

    seq: int
    duplicate_of: int | None
