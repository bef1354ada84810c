"""Which deliveries carry an ``eventId`` or an event's uuid: duplicates are found by it.

``seen`` holds a 64-bit hash of each, a third of their size. The stored bytes decide if two ids have
the same hash.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from okhook.store import duplicates
from okhook.store.duplicates import Ids, keys_of
from okhook.store.receivers import Scope, known_as, scope_of
from okhook.store.rows import BEYOND_ALL
from okhook.wire.delivery import Delivery, delivery_in

_BODIES_REMEMBERED = 16
"""Of how many deliveries one search remembers the ids. Those of a large one take megabytes."""


def mark_duplicate(connection: sqlite3.Connection, seq: int, body: bytes, scope: Scope) -> None:
    """Index the ids of a delivery; mark it if its ``eventId`` or all its events came before."""
    delivery = delivery_in(body)
    first_seq = first_seen(connection, seq, delivery, scope)
    connection.executemany(
        "INSERT OR IGNORE INTO seen (hash, seq) VALUES (?, ?)",
        [(duplicates.hash_of(key), seq) for key in keys_of(delivery)],
    )
    if first_seq is not None:
        connection.execute(
            "INSERT OR IGNORE INTO duplicate (seq, first_seq) VALUES (?, ?)", (seq, first_seq)
        )


def first_seen(
    connection: sqlite3.Connection, seq: int, delivery: Delivery, scope: Scope
) -> int | None:
    """Return the first record before ``seq`` with its ``eventId``, or of its events if all came.

    Only records of the receivers in ``scope`` count.
    """
    return duplicates.first_seen(delivery, _Seen(connection, seq, scope).carriers)


def repeated_by(
    connection: sqlite3.Connection, delivery: Delivery, receiver: str | None
) -> int | None:
    """Return what ``delivery`` would be a duplicate of at ``receiver``, None if it is new."""
    scope = scope_of(connection, known_as(connection, receiver))
    return first_seen(connection, BEYOND_ALL, delivery, scope)


def forget_ids(connection: sqlite3.Connection, seq: int, body: bytes) -> None:
    """Remove the ids of a record, and its mark as a duplicate."""
    connection.executemany(
        "DELETE FROM seen WHERE hash = ? AND seq = ?",
        [(duplicates.hash_of(key), seq) for key in keys_of(delivery_in(body))],
    )
    connection.execute("DELETE FROM duplicate WHERE seq = ?", (seq,))


def seqs_known_by(connection: sqlite3.Connection, key: str) -> list[int]:
    """Return the deliveries with ``key`` as ``eventId`` or event uuid, oldest first."""
    return list(_Seen(connection).carriers(key, Ids.has))


def seqs_carrying(
    connection: sqlite3.Connection, uuids: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """Return the deliveries that contain each event, oldest first; events in none are not keys."""
    hashes = {uuid: duplicates.hash_of(uuid) for uuid in uuids}
    known = connection.execute(
        "SELECT hash FROM seen WHERE hash IN (SELECT value FROM json_each(?))",
        (json.dumps(list(hashes.values())),),
    )
    known_hashes = {known_hash for (known_hash,) in known}
    candidates = [uuid for uuid in uuids if hashes[uuid] in known_hashes]
    seen = _Seen(connection)
    found = {uuid: tuple(seen.carriers(uuid, Ids.has_event)) for uuid in candidates}
    return {uuid: seqs for uuid, seqs in found.items() if seqs}


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
