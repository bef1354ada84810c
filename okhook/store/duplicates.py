"""What makes a delivery a duplicate: its ``eventId``, or all of its events, came before."""

import hashlib
from collections.abc import Callable, Iterator

from okhook.records.record import RecordKind
from okhook.wire.delivery import Delivery

RECOGNISED_KINDS = frozenset({RecordKind.DELIVERY.value, RecordKind.CANARY.value})
"""The kinds of record that can be duplicates."""


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


def hash_of(key: str) -> int:
    """Return a signed 64-bit hash that is the same in every process."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
