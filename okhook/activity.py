"""Activities: what happens that a person or a script may want to see. Not durable.

One typed stream goes from the rooms to the screen. Each activity knows its JSON line, which is a
contract (README, "JSON lines"): ``type`` first, then its fields. How it looks to a person is the
business of the command's view.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from okhook.wire.delivery import Delivery, Event, Party

JsonObject = dict[str, Any]


class Activity:
    """Something a person may see happen. ``type`` names its JSON line."""

    __slots__ = ()
    type: ClassVar[str]

    def _fields(self) -> JsonObject:
        """Return the fields of the JSON line after ``type``."""
        return {}

    def to_json(self) -> JsonObject:
        """Return the whole JSON line as an object."""
        return {"type": self.type, **self._fields()}


@dataclass(frozen=True, slots=True)
class ReceiverReady(Activity):
    """The receiver listens at ``url``; ``auth`` tells whether it asks for a secret."""

    type: ClassVar[str] = "ready"
    url: str
    auth: bool

    def _fields(self) -> JsonObject:
        return {"url": self.url, "auth": self.auth}


@dataclass(frozen=True, slots=True)
class VerificationAnswered(Activity):
    """A verification challenge was answered."""

    type: ClassVar[str] = "verification"
    seq: int
    received_at: datetime
    challenge: str

    def _fields(self) -> JsonObject:
        return {
            "seq": self.seq,
            "received_at": timestamp(self.received_at),
            "challenge": self.challenge,
        }


@dataclass(frozen=True, slots=True)
class DeliveryStored(Activity):
    """A delivery was stored and answered. ``body`` is what ``-v`` prints.

    One that is ``reconstructed`` was rebuilt from the System Log by us.
    """

    type: ClassVar[str] = "delivery"
    seq: int
    received_at: datetime
    duplicate: bool
    delivery: Delivery
    body: bytes
    reconstructed: bool = False

    def _fields(self) -> JsonObject:
        return {
            "seq": self.seq,
            "event_id": self.delivery.event_id,
            "received_at": timestamp(self.received_at),
            "source": self.delivery.source,
            "hook_id": self.delivery.hook_id,
            "duplicate": self.duplicate,
            "reconstructed": self.reconstructed,
            "events": [event_json(event) for event in self.delivery.events],
        }


@dataclass(frozen=True, slots=True)
class CanaryStored(Activity):
    """A canary came through the path that it proves, and was stored."""

    type: ClassVar[str] = "canary"
    seq: int
    received_at: datetime
    event_id: str

    def _fields(self) -> JsonObject:
        return {
            "seq": self.seq,
            "event_id": self.event_id,
            "received_at": timestamp(self.received_at),
        }


@dataclass(frozen=True, slots=True)
class RequestRefused(Activity):
    """A request was answered with an error. ``seq`` is None where nothing of it was kept."""

    type: ClassVar[str] = "refused"
    seq: int | None
    received_at: datetime
    method: str
    path: str
    status: int
    reason: str

    def _fields(self) -> JsonObject:
        return {
            "seq": self.seq,
            "received_at": timestamp(self.received_at),
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class StoreGrew:
    """Every record up to ``seq`` can be read in the store, and its duplicates are known.

    No activity itself: whoever shows records reads them from where it stopped.
    """

    seq: int


@dataclass(frozen=True, slots=True)
class Warned(Activity):
    """Something that stops nothing and should not be overlooked."""

    type: ClassVar[str] = "warning"
    text: str

    def _fields(self) -> JsonObject:
        return {"text": self.text}


@dataclass(frozen=True, slots=True)
class Stopped(Activity):
    """The command ended in order."""

    type: ClassVar[str] = "stopped"


Published = Activity | StoreGrew
"""What goes through a hub."""


def timestamp(moment: datetime) -> str:
    """Return an aware time as Okta writes it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_json(event: Event) -> JsonObject:
    """Return an event as it stands in ``events`` of a JSON line."""
    return {
        "uuid": event.uuid,
        "event_type": event.event_type,
        "published": event.published,
        "outcome": event.outcome,
        "actor": None if event.actor is None else _party_json(event.actor),
        "target": [_party_json(target) for target in event.targets],
    }


def _party_json(party: Party) -> Mapping[str, str | None]:
    return {
        "id": party.id,
        "type": party.type,
        "alternate_id": party.alternate_id,
        "display_name": party.display_name,
    }
