"""A delivery: one POST from Okta with one or more events, as bytes and as a view of them.

The bytes are the truth. Everything here reads them and changes nothing; what Okta adds next month
(fields, event types) is left where it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okhook.wire.payload import checked_events, payload_of


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """A request as it came off the socket.

    ``headers`` are the pairs in the order received, names lower-cased by the HTTP parser; ``path``
    is the request's target as sent, its query included; ``received_at`` is aware UTC.
    """

    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """Who did it (actor) or to whom it was done (target)."""

    id: str | None
    type: str | None
    alternate_id: str | None
    display_name: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One System Log entry inside a delivery. ``published`` is Okta's own text."""

    uuid: str | None
    event_type: str
    published: str | None
    outcome: str | None
    actor: Party | None
    targets: tuple[Party, ...]
    json_fields = "uuid event_type published outcome actor target=targets"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery's body says: Okta's envelope, and its events in their order."""

    event_id: str | None
    source: str | None
    events: tuple[Event, ...]

    @property
    def hook_id(self) -> str | None:
        """The hook's id, the last part of ``source`` (``https://{org}/api/v1/eventHooks/{id}``)."""
        if self.source is None or "/eventHooks/" not in self.source:
            return None
        return self.source.rpartition("/")[2] or None


def parse_delivery(body: bytes) -> Delivery:
    """Return the view of an event hook's body.

    Raises:
        NotADelivery: it is not JSON, or not a delivery; see :mod:`okhook.wire.payload`.
    """
    return delivery_of(payload_of(body))


def delivery_of(payload: object) -> Delivery:
    """Return the view of a payload.

    Raises:
        NotADelivery: it is no delivery.
    """
    events = tuple(_event(entry) for entry in checked_events(payload))
    envelope: Mapping[str, Any] = payload if isinstance(payload, dict) else {}
    return Delivery(_text(envelope, "eventId"), _text(envelope, "source"), events)


def _event(entry: Mapping[str, Any]) -> Event:
    outcome, actor = entry.get("outcome"), entry.get("actor")
    return Event(
        uuid=_text(entry, "uuid"),
        event_type=_text(entry, "eventType") or "",
        published=_text(entry, "published"),
        outcome=None if outcome is None else _text(outcome, "result"),
        actor=None if actor is None else _party(actor),
        targets=tuple(_party(target) for target in entry.get("target") or ()),
    )


def _party(entry: Mapping[str, Any]) -> Party:
    return Party(
        id=_text(entry, "id"),
        type=_text(entry, "type"),
        alternate_id=_text(entry, "alternateId"),
        display_name=_text(entry, "displayName"),
    )


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    """Return a string that UTF-8 can carry: JSON may spell half a surrogate pair, UTF-8 may not."""
    value: str | None = entry.get(key)
    if value is None or value.isascii():
        return value
    return value.encode("utf-8", "replace").decode()
