"""A delivery: one POST from Okta with one or more events, as bytes and as a view of them.

The bytes are the truth. Everything here reads them and changes nothing; what Okta adds next month
(fields, event types) is left where it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from okhook.json_kind import json_kind

CANARY_EVENT_TYPE = "okhook.canary"
"""The event type of a synthetic delivery that proves a path. No org sends it."""


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


class NotADelivery(ValueError):
    """The body is not an event hook's; the message says what is wrong with it, and where."""


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

    @property
    def is_canary(self) -> bool:
        """Whether this is a synthetic delivery that proves a path, and no event of an org."""
        return all(event.event_type == CANARY_EVENT_TYPE for event in self.events)


def parse_delivery(body: bytes) -> Delivery:
    """Return the view of an event hook's body.

    What is missing is None; unknown fields and event types are accepted. A field that is there with
    a type it cannot have is refused, because a receiver that reads it would stumble as well.

    Raises:
        NotADelivery: not JSON, no ``data.events`` with at least one event, or a wrong type.

    """
    return delivery_of(payload_of(body))


def payload_of(body: bytes) -> object:
    """Return a body's JSON: fast where it is usual, else by the reader that names what is wrong.

    Raises:
        NotADelivery: it is not JSON.

    """
    if not body:
        raise NotADelivery("the body is empty")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _payload_by_stdlib(body)


def delivery_of(payload: object) -> Delivery:
    """Return the view of a payload; see :func:`parse_delivery`."""
    envelope = _object(payload, "the body")
    data = _object(_required(envelope, "data", "data"), "data")
    events = _required(data, "events", "data.events")
    if not isinstance(events, list):
        raise NotADelivery(f"data.events must be an array, not {json_kind(events)}")
    if not events:
        raise NotADelivery("data.events is empty: a delivery carries at least one event")
    return Delivery(
        event_id=_text(envelope, "eventId", "eventId"),
        source=_text(envelope, "source", "source"),
        events=tuple(_event(event, f"data.events[{i}]") for i, event in enumerate(events)),
    )


def _payload_by_stdlib(body: bytes) -> object:
    """Read what orjson does not: a byte order mark, half a surrogate pair, deep nesting."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise NotADelivery(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise NotADelivery("the body is nested too deeply to be read") from None
    except ValueError as error:
        raise NotADelivery(f"the body is not JSON: {error}") from None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON value")


def _event(value: object, where: str) -> Event:
    entry = _object(value, where)
    event_type = _text(entry, "eventType", f"{where}.eventType")
    if not event_type:
        raise NotADelivery(f"{where}.eventType is missing")
    outcome = _optional_object(entry, "outcome", f"{where}.outcome")
    actor = _optional_object(entry, "actor", f"{where}.actor")
    return Event(
        uuid=_text(entry, "uuid", f"{where}.uuid"),
        event_type=event_type,
        published=_text(entry, "published", f"{where}.published"),
        outcome=None if outcome is None else _text(outcome, "result", f"{where}.outcome.result"),
        actor=None if actor is None else _party(actor, f"{where}.actor"),
        targets=_targets(entry, f"{where}.target"),
    )


def _targets(entry: Mapping[str, Any], where: str) -> tuple[Party, ...]:
    targets = entry.get("target")
    if targets is None:
        return ()
    if not isinstance(targets, list):
        raise NotADelivery(f"{where} must be an array, not {json_kind(targets)}")
    return tuple(
        _party(_object(target, f"{where}[{i}]"), f"{where}[{i}]")
        for i, target in enumerate(targets)
    )


def _party(entry: Mapping[str, Any], where: str) -> Party:
    return Party(
        id=_text(entry, "id", f"{where}.id"),
        type=_text(entry, "type", f"{where}.type"),
        alternate_id=_text(entry, "alternateId", f"{where}.alternateId"),
        display_name=_text(entry, "displayName", f"{where}.displayName"),
    )


def _required(entry: Mapping[str, Any], key: str, where: str) -> object:
    if key not in entry:
        raise NotADelivery(f"{where} is missing")
    return entry[key]


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise NotADelivery(f"{where} must be an object, not {json_kind(value)}")
    return value


def _optional_object(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any] | None:
    value = entry.get(key)
    return None if value is None else _object(value, where)


def _text(entry: Mapping[str, Any], key: str, where: str) -> str | None:
    """Return a string that UTF-8 can carry: JSON may spell half a surrogate pair, UTF-8 may not."""
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise NotADelivery(f"{where} must be a string, not {json_kind(value)}")
    return value.encode("utf-8", "replace").decode()
