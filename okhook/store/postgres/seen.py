"""Which deliveries carry an ``eventId`` or an event's uuid: duplicates are found by it.

``okhook.seen`` holds a 64-bit hash of each. The stored bytes decide if two ids have the same hash.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from okhook.store import duplicates
from okhook.store.duplicates import Carriers, Ids, keys_of
from okhook.store.postgres.connection import Connection
from okhook.store.receivers import Scope
from okhook.wire.delivery import Delivery, delivery_in


class Seen:
    """The deliveries that carry any of some keys, looked up at once."""

    def __init__(self, connection: Connection, keys: Iterable[str]) -> None:
        self._connection = connection
        self._ids: dict[int, Ids] = {}
        self._carriers: dict[int, list[tuple[int, int]]] = {}
        found = connection.execute(
            "SELECT hash, seq, receiver_id FROM okhook.seen JOIN okhook.record USING (seq)"
            " WHERE hash = ANY(%s::bigint[]) ORDER BY seq",
            (list({duplicates.hash_of(key) for key in keys}),),
        )
        for hash_, seq, receiver_id in found:
            self._carriers.setdefault(hash_, []).append((seq, receiver_id))

    def add(self, seq: int, receiver_id: int, delivery: Delivery) -> list[tuple[int, int]]:
        """Add a delivery that is newer than all others; return its rows of ``okhook.seen``."""
        self._ids[seq] = Ids.of(delivery)
        hashes = dict.fromkeys(duplicates.hash_of(key) for key in keys_of(delivery))
        for hash_ in hashes:
            self._carriers.setdefault(hash_, []).append((seq, receiver_id))
        return [(hash_, seq) for hash_ in hashes]

    def carriers(
        self,
        key: str,
        carries: Callable[[Ids, str], bool],
        scope: Scope = None,
    ) -> Iterator[int]:
        """Yield the deliveries with a key, oldest first; only those of receivers in ``scope``."""
        for seq, receiver_id in self._carriers.get(duplicates.hash_of(key), ()):
            is_in_scope = scope is None or receiver_id in scope
            if is_in_scope and carries(self._ids_of(seq), key):
                yield seq

    def _ids_of(self, seq: int) -> Ids:
        if seq not in self._ids:
            row = self._connection.execute(
                "SELECT body FROM okhook.record WHERE seq = %s", (seq,), binary=True
            ).fetchone()
            self._ids[seq] = Ids.of(delivery_in(b"" if row is None else row[0]))
        return self._ids[seq]


def carriers(connection: Connection, keys: Collection[str], scope: Scope = None) -> Carriers:
    """Return what finds the deliveries that carry any of the ``keys``."""
    return partial(Seen(connection, keys).carriers, scope=scope)
