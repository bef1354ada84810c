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
    try:
        envelope = _object(payload)
    except _Wrong as wrong:
        raise NotADelivery(f"the body {wrong}") from None
    try:
        return _delivery(envelope)
    except _Wrong as wrong:
        raise NotADelivery(f"{wrong.where} {wrong}") from None


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


class _Wrong(Exception):
    """A value that cannot be: ``where`` is put together on the way out, from the inside."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.where = where

    def inside(self, name: str) -> "_Wrong":
        """Return the fault as it is seen from one level further out."""
        joined = f"{name}.{self.where}" if self.where else name
        return _Wrong(str(self), joined)


def _delivery(envelope: Mapping[str, Any]) -> Delivery:
    return Delivery(
        event_id=_text(envelope, "eventId"),
        source=_text(envelope, "source"),
        events=_events(_member(envelope, "data")),
    )


def _events(data: Mapping[str, Any]) -> tuple[Event, ...]:
    if "events" not in data:
        raise _Wrong("is missing", "data.events")
    entries = data["events"]
    if not isinstance(entries, list):
        raise _Wrong(f"must be an array, not {json_kind(entries)}", "data.events")
    if not entries:
        raise _Wrong("is empty: a delivery carries at least one event", "data.events")
    events = []
    for number, entry in enumerate(entries):
        try:
            events.append(_event(_object(entry)))
        except _Wrong as wrong:
            raise wrong.inside(f"data.events[{number}]") from None
    return tuple(events)


def _event(entry: Mapping[str, Any]) -> Event:
    event_type = _text(entry, "eventType")
    if not event_type:
        raise _Wrong("is missing", "eventType")
    return Event(
        uuid=_text(entry, "uuid"),
        event_type=event_type,
        published=_text(entry, "published"),
        outcome=_outcome(entry),
        actor=_actor(entry),
        targets=_targets(entry),
    )


def _outcome(entry: Mapping[str, Any]) -> str | None:
    if entry.get("outcome") is None:
        return None
    outcome = _member(entry, "outcome")
    try:
        return _text(outcome, "result")
    except _Wrong as wrong:
        raise wrong.inside("outcome") from None


def _actor(entry: Mapping[str, Any]) -> Party | None:
    if entry.get("actor") is None:
        return None
    actor = _member(entry, "actor")
    try:
        return _party(actor)
    except _Wrong as wrong:
        raise wrong.inside("actor") from None


def _targets(entry: Mapping[str, Any]) -> tuple[Party, ...]:
    targets = entry.get("target")
    if targets is None:
        return ()
    if not isinstance(targets, list):
        raise _Wrong(f"must be an array, not {json_kind(targets)}", "target")
    parties = []
    for number, target in enumerate(targets):
        try:
            parties.append(_party(_object(target)))
        except _Wrong as wrong:
            raise wrong.inside(f"target[{number}]") from None
    return tuple(parties)


def _party(entry: Mapping[str, Any]) -> Party:
    return Party(
        id=_text(entry, "id"),
        type=_text(entry, "type"),
        alternate_id=_text(entry, "alternateId"),
        display_name=_text(entry, "displayName"),
    )


def _member(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    if key not in entry:
        raise _Wrong("is missing", key)
    try:
        return _object(entry[key])
    except _Wrong as wrong:
        raise wrong.inside(key) from None


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"must be an object, not {json_kind(value)}")
    return value


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    """Return a string that UTF-8 can carry: JSON may spell half a surrogate pair, UTF-8 may not."""
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Wrong(f"must be a string, not {json_kind(value)}", key)
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
