"""What every store derives from a record's body: the ids of a delivery, and its words."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from okhook.records.record import RecordKind
from okhook.wire.delivery import Delivery, delivery_of
from okhook.wire.payload import NotADelivery, payload_of

RECOGNISED_KINDS = frozenset({RecordKind.DELIVERY.value, RecordKind.CANARY.value})
"""The kinds of record that can be duplicates."""

COMMIT_TIMES_KEPT = 200
"""How many commit times wait to be stored, the newest ones: a step of deriving holds up commits."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The last ``seq`` of each derivation. ``indexed`` is never beyond ``recognised``."""

    recognised: int
    indexed: int
    last_seq: int

    @property
    def is_recognised(self) -> bool:
        """Whether all records are checked for duplicates."""
        return self.recognised >= self.last_seq

    @property
    def is_indexed(self) -> bool:
        """Whether all recognised records are in the word index."""
        return self.indexed >= self.recognised


def keys_of(delivery: Delivery) -> list[str]:
    """Return a delivery's ``eventId`` and its events' uuids, each once."""
    ids = [delivery.event_id, *(event.uuid for event in delivery.events)]
    return list(dict.fromkeys(key for key in ids if key))


def has_event(delivery: Delivery, uuid: str) -> bool:
    """Return whether an event of the delivery has this uuid."""
    return any(event.uuid == uuid for event in delivery.events)


Carriers = Callable[[str, Callable[[Delivery, str], bool]], Iterator[int]]
"""Yields the records that carry a key, oldest first; the second argument decides by the body."""


def first_seen(delivery: Delivery, carriers: Carriers) -> int | None:
    """Return the first record with the delivery's ``eventId``, or of its events if all came."""
    if delivery.event_id:
        same_id = carriers(delivery.event_id, lambda carrier, key: carrier.event_id == key)
        if (by_id := next(same_id, None)) is not None:
            return by_id
    uuids = {event.uuid for event in delivery.events if event.uuid}
    seen = [next(carriers(uuid, has_event), None) for uuid in uuids]
    known = [found for found in seen if found is not None]
    return min(known) if known and len(known) == len(seen) else None


def is_about(delivery: Delivery, user: str) -> bool:
    """Return whether an actor or target has this login (in any case) or exactly this id."""
    parties = (party for event in delivery.events for party in (event.actor, *event.targets))
    return any(
        party.id == user or (party.alternate_id or "").casefold() == user.casefold()
        for party in parties
        if party is not None
    )


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
