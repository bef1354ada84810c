"""Which deliveries carry an ``eventId`` or an event's uuid: duplicates are found by it.

``seen`` holds a 64-bit hash of each, a third of their size. The stored bytes decide if two ids have
the same hash.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from okhook.store import duplicates
from okhook.store.duplicates import Carriers, Ids, keys_of
from okhook.store.receivers import Scope
from okhook.store.rows import BEYOND_ALL
from okhook.wire.delivery import delivery_in

_BODIES_REMEMBERED = 16
"""Of how many deliveries one search remembers the ids. Those of a large one take megabytes."""


def mark_duplicate(connection: sqlite3.Connection, seq: int, body: bytes, scope: Scope) -> None:
    """Index the ids of a delivery; mark it if its ``eventId`` or all its events came before.

    Only records of the receivers in ``scope`` count.
    """
    delivery = delivery_in(body)
    first_seq = duplicates.first_seen(delivery, _Seen(connection, seq, scope).carriers)
    connection.executemany(
        "INSERT OR IGNORE INTO seen (hash, seq) VALUES (?, ?)",
        [(duplicates.hash_of(key), seq) for key in keys_of(delivery)],
    )
    if first_seq is not None:
        connection.execute(
            "INSERT OR IGNORE INTO duplicate (seq, first_seq) VALUES (?, ?)", (seq, first_seq)
        )


def forget_ids(connection: sqlite3.Connection, seq: int, body: bytes) -> None:
    """Remove the ids of a record."""
    connection.executemany(
        "DELETE FROM seen WHERE hash = ? AND seq = ?",
        [(duplicates.hash_of(key), seq) for key in keys_of(delivery_in(body))],
    )


def carriers(
    connection: sqlite3.Connection, keys: Collection[str], scope: Scope = None
) -> Carriers:
    """Return what finds the deliveries that carry any of the ``keys``; most may be in none."""
    hashes = {key: duplicates.hash_of(key) for key in keys}
    found = connection.execute(
        "SELECT hash FROM seen WHERE hash IN (SELECT value FROM json_each(?))",
        (json.dumps(list(hashes.values())),),
    )
    known, seen = {known_hash for (known_hash,) in found}, _Seen(connection, scope=scope)

    def carriers_of(key: str, carries: Callable[[Ids, str], bool]) -> Iterator[int]:
        return seen.carriers(key, carries) if hashes[key] in known else iter(())

    return carriers_of


class _Seen:
    """The deliveries before ``seq`` of the receivers in ``scope``, by what they carry.

    It reads a body once, although many keys may lead to it.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        seq: int = BEYOND_ALL,
        scope: Scope = None,
    ) -> None:
        self._connection = connection
        own, old = scope or (None, None)
        self._among = {"seq": seq, "own": own, "old": old}
        self._ids_of = lru_cache(_BODIES_REMEMBERED)(self._read_ids)

    def carriers(self, key: str, carries: Callable[[Ids, str], bool]) -> Iterator[int]:
        """Yield the deliveries with a key, oldest first."""
        candidates = self._connection.execute(
            "SELECT record.seq FROM seen JOIN record USING (seq)"
            " WHERE hash = :hash AND seen.seq < :seq"
            " AND (:own IS NULL OR receiver_id IN (:own, :old)) ORDER BY seen.seq",
            {**self._among, "hash": duplicates.hash_of(key)},
        )
        for (seq,) in candidates:
            if carries(self._ids_of(seq), key):
                yield int(seq)

    def _read_ids(self, seq: int) -> Ids:
        found = self._connection.execute("SELECT body FROM record WHERE seq = ?", (seq,))
        (body,) = found.fetchone() or (b"",)
        return Ids.of(delivery_in(body))
