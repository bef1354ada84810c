"""What makes a delivery a duplicate: its ``eventId``, or all of its events, came before."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from okhook.records.record import RecordKind
from okhook.wire.delivery import Delivery

RECOGNISED_KINDS = frozenset({RecordKind.DELIVERY.value, RecordKind.CANARY.value})
"""The kinds of record that can be duplicates."""


def keys_of(delivery: Delivery) -> list[str]:
    """Return a delivery's ``eventId`` and its events' uuids, each once."""
    ids = [delivery.event_id, *(event.uuid for event in delivery.events)]
    return list(dict.fromkeys(key for key in ids if key))


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids in a stored delivery. A delivery may have thousands of events."""

    event_id: str | None
    uuids: frozenset[str]

    @classmethod
    def of(cls, delivery: Delivery) -> "Ids":
        """Return the ids of a delivery."""
        uuids = (event.uuid for event in delivery.events)
        return cls(delivery.event_id, frozenset(uuid for uuid in uuids if uuid))

    def has_event_id(self, key: str) -> bool:
        """Return whether ``key`` is the ``eventId``."""
        return key == self.event_id

    def has_event(self, key: str) -> bool:
        """Return whether ``key`` is the uuid of an event."""
        return key in self.uuids

    def has(self, key: str) -> bool:
        """Return whether ``key`` is either."""
        return self.has_event_id(key) or self.has_event(key)


Carriers = Callable[[str, Callable[[Ids, str], bool]], Iterator[int]]
"""Yields the records that carry a key, oldest first; the second argument decides by their ids."""


def first_seen(delivery: Delivery, carriers: Carriers) -> int | None:
    """Return the first record with the delivery's ``eventId``, or of its events if all came."""
    if delivery.event_id:
        same_id = carriers(delivery.event_id, Ids.has_event_id)
        if (by_id := next(same_id, None)) is not None:
            return by_id
    uuids = Ids.of(delivery).uuids
    seen = [next(carriers(uuid, Ids.has_event), None) for uuid in uuids]
    known = [found for found in seen if found is not None]
    return min(known) if known and len(known) == len(seen) else None


def hash_of(key: str) -> int:
    """Return a signed 64-bit hash that is the same in every process."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
