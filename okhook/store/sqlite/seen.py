"""Which deliveries carry an ``eventId`` or an event's uuid: duplicates are found by it.

``seen`` holds a 64-bit hash of each, a third of their size. The stored bytes decide if two ids have
the same hash.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping

from okhook.store import duplicates
from okhook.store.duplicates import has_event, keys_of
from okhook.store.rows import BEYOND_ALL
from okhook.store.sqlite.receivers import Scope, known_as, scope_of
from okhook.wire.delivery import Delivery, delivery_in

_EVERY_ONE = {"seq": BEYOND_ALL, "own": None, "old": None}


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
    among = {"seq": seq, "own": scope[0], "old": scope[1]}
    return duplicates.first_seen(
        delivery, lambda key, carries: _carriers(connection, key, carries, among)
    )


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
    return list(_carriers(connection, key, lambda delivery, key: key in keys_of(delivery)))


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
    found = {uuid: tuple(_carriers(connection, uuid, has_event)) for uuid in candidates}
    return {uuid: seqs for uuid, seqs in found.items() if seqs}


def _carriers(
    connection: sqlite3.Connection,
    key: str,
    carries: Callable[[Delivery, str], bool],
    among: Mapping[str, int | None] = _EVERY_ONE,
) -> Iterator[int]:
    candidates = connection.execute(
        "SELECT record.seq, body FROM seen JOIN record USING (seq)"
        " WHERE hash = :hash AND seen.seq < :seq"
        " AND (:own IS NULL OR receiver_id IN (:own, :old)) ORDER BY seen.seq",
        {**among, "hash": duplicates.hash_of(key)},
    )
    for seq, body in candidates:
        if carries(delivery_in(body), key):
            yield int(seq)
