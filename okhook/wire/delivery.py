"""What Okta sends to a hook: deliveries, and once a verification challenge.

The bytes are the truth; parsing never changes them. Unknown fields and event types are accepted.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from okhook.json_form import JsonForm, timestamp
from okhook.json_path import json_object_in
from okhook.wire.payload import PARTY_TEXTS, NotADelivery, checked_events, payload_of
from okhook.wire.url import with_query, without_credentials

HeaderPairs = tuple[tuple[bytes, bytes], ...]


@dataclass(slots=True)  # frozen would make each answer a few percent slower
class InboundRequest:
    """A request as received: ``headers`` in order, in lower case, and ``path`` with the query.

    Nothing changes it.
    """

    method: str
    path: str
    headers: HeaderPairs
    body: bytes
    received_at: datetime

    @property
    def shown_path(self) -> str:
        """The path to show: values in its query that may be a credential are hidden."""
        return without_credentials(self.path)

    def header(self, name: str) -> bytes | None:
        """Return the first value of a header, None if it is missing."""
        wanted = name.lower().encode()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def url_at(self, address: str) -> str:
        """Return the URL to send this request to ``address``: its query follows that one's."""
        return with_query(address, self.path.partition("?")[2])


@dataclass(frozen=True, slots=True)
class Party:
    """An actor or a target of an event."""

    id: str | None
    type: str | None
    alternate_id: str | None
    display_name: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One System Log entry in a delivery. ``published`` is Okta's text.

    ``changed`` are the attributes that ``debugData.changedAttributes`` names, None if it does not.
    """

    uuid: str | None
    event_type: str
    published: str | None
    outcome: str | None
    actor: Party | None
    targets: tuple[Party, ...]
    changed: Annotated[tuple[str, ...] | None, JsonForm("changed", omitted_when_none=True)] = None
    json_fields = "uuid event_type published outcome actor target=targets changed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The parsed body of a delivery."""

    event_id: str | None
    source: str | None
    events: tuple[Event, ...]

    @property
    def hook_id(self) -> str | None:
        """The hook's id, the last part of ``source`` (``https://{org}/api/v1/eventHooks/{id}``)."""
        if self.source is None or "/eventHooks/" not in self.source:
            return None
        return self.source.rpartition("/")[2] or None


def delivery_in(body: bytes) -> Delivery:
    """Return the delivery in a body; without ids and events if the body is not a delivery."""
    try:
        return parse_delivery(body)
    except NotADelivery:
        return Delivery(None, None, ())


def glimpse_in(body: bytes, most: int) -> tuple[Delivery, int]:
    """Return the delivery in a body with its first ``most`` events, and how many it has.

    The others are not checked: of thousands that takes a second.
    """
    try:
        payload = payload_of(body)
        match payload:
            case {"data": {"events": list(events)}}:
                count = len(events)
                del events[most:]
            case _:
                count = 0
        return delivery_of(payload), count
    except NotADelivery:
        return Delivery(None, None, ()), 0


def parse_delivery(body: bytes) -> Delivery:
    """Parse the body of a delivery, or raise ``NotADelivery``."""
    return delivery_of(payload_of(body))


def delivery_of(payload: object) -> Delivery:
    """Return the delivery in a payload, or raise ``NotADelivery``."""
    events = tuple(_event(entry) for entry in checked_events(payload))
    members: Mapping[str, Any] = payload if isinstance(payload, dict) else {}
    return Delivery(_text(members, "eventId"), _text(members, "source"), events)


def _event(entry: Mapping[str, Any]) -> Event:
    outcome, actor = entry.get("outcome"), entry.get("actor")
    return Event(
        uuid=_text(entry, "uuid"),
        event_type=_text(entry, "eventType") or "",
        published=_text(entry, "published"),
        outcome=None if outcome is None else _text(outcome, "result"),
        actor=None if actor is None else _party(actor),
        targets=tuple(_party(target) for target in entry.get("target") or ()),
        changed=debug_names(entry, "changedAttributes"),
    )


def debug_names(entry: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    """Return the names under ``key`` in an entry's ``debugData``, where commas separate them."""
    value: Any = entry
    for name in ("debugContext", "debugData", key):
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str):
        return None
    text = value.encode("utf-8", "replace").decode()
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _party(entry: Mapping[str, Any]) -> Party:
    return Party(*(_text(entry, name) for name in PARTY_TEXTS))


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    """Return a string that UTF-8 can encode: JSON can contain half a surrogate pair."""
    value: str | None = entry.get(key)
    if value is None or value.isascii():
        return value
    return value.encode("utf-8", "replace").decode()


def hook_source(org_url: str, hook_id: str) -> str:
    """Return the ``source`` of a hook's deliveries."""
    return f"{org_url}/api/v1/eventHooks/{hook_id}"


def envelope(
    events: Sequence[dict[str, Any]], *, source: str, event_id: str, event_time: datetime
) -> dict[str, Any]:
    """Return the payload of a delivery. ``event_id`` is its uuid."""
    return {
        "eventType": "com.okta.event_hook",
        "eventTypeVersion": "1.0",
        "cloudEventsVersion": "0.1",
        "source": source,
        "eventId": event_id,
        "data": {"events": list(events)},
        "eventTime": timestamp(event_time),
        "contentType": "application/json",
    }


def body_of(document: object) -> bytes:
    """Return ``document`` as compact JSON in UTF-8; escape it if UTF-8 cannot encode it."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":")).encode()


CHALLENGE_HEADER = "x-okta-verification-challenge"


def challenge_of(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """Return the challenge in ``headers``, or None if it is missing or empty."""
    wanted = CHALLENGE_HEADER.encode()
    found = (value for name, value in headers if name.lower() == wanted and value)
    return next((value.decode("latin-1") for value in found), None)


def answer_body(challenge: str) -> bytes:
    """Return the JSON body that answers ``challenge``."""
    return json.dumps({"verification": challenge}).encode()


def echo_of(body: bytes) -> str | None:
    """Return the challenge in the body of an answer, or None."""
    echoed = json_object_in(body).get("verification")
    return echoed if isinstance(echoed, str) else None
