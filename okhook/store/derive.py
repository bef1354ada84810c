"""What every store derives from a record's body: the ids of a delivery, and its words."""

import hashlib
from collections.abc import Iterator
from typing import Any

from okhook.records.record import RecordKind
from okhook.wire.delivery import Delivery, delivery_of
from okhook.wire.payload import NotADelivery, payload_of

RECOGNISED_KINDS = frozenset({RecordKind.DELIVERY.value, RecordKind.CANARY.value})
"""The kinds of record that can be duplicates."""


def keys_of(delivery: Delivery) -> list[str]:
    """Return a delivery's ``eventId`` and its events' uuids, each once."""
    ids = [delivery.event_id, *(event.uuid for event in delivery.events)]
    return list(dict.fromkeys(key for key in ids if key))


def has_event(delivery: Delivery, uuid: str) -> bool:
    """Return whether an event of the delivery has this uuid."""
    return any(event.uuid == uuid for event in delivery.events)


def hash_of(key: str) -> int:
    """Return a signed 64-bit hash that is the same in every process."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def indexed(kind: str, body: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Return the tags of a record's kind and event types, its words, and its event types."""
    try:
        payload = payload_of(body)
    except NotADelivery:
        payload = body.decode("utf-8", "replace")
    try:
        events = delivery_of(payload).events
    except NotADelivery:
        events = ()
    event_types = tuple(dict.fromkeys(event.event_type for event in events))
    tags = [kind_tag(kind), *map(event_tag, event_types)]
    return " ".join(tags), "\n".join(_values(payload)), event_types


def kind_tag(kind: str) -> str:
    """Return the tag of a kind of record."""
    return f"k{kind}"


def event_tag(event_type: str) -> str:
    """Return the tag of an event type: one word, whatever characters the type has."""
    return f"t{hash_of(event_type) & (1 << 64) - 1:016x}"


def _values(payload: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    waiting = [payload]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value.encode("utf-8", "replace").decode()
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif value is not None and not isinstance(value, bool):
            yield str(value)
