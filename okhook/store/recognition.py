"""Recognising deliveries: which of them repeats an earlier one.

A delivery is known by its ``eventId`` and by its events' uuids. Each is kept as a 64-bit hash, a
third of its size; where a hash is known already the earlier record's own bytes decide.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Collection

from okhook.wire.delivery import Delivery, parse_delivery
from okhook.wire.payload import NotADelivery


def recognise(connection: sqlite3.Connection, seq: int, body: bytes) -> None:
    """Note what the delivery ``seq`` is known by, and which earlier one it repeats.

    It repeats one with the same ``eventId``, or ones that held each of its events already. A
    delivery with one new event among known ones is new.
    """
    delivery = _view(body)
    if delivery is None:
        return
    keys = keys_of(delivery)
    first_seq = _first_seen(connection, seq, delivery)
    connection.executemany(
        "INSERT OR IGNORE INTO seen (hash, seq) VALUES (?, ?)",
        [(hash_of(key), seq) for key in keys],
    )
    if first_seq is not None:
        connection.execute(
            "INSERT OR IGNORE INTO duplicate (seq, first_seq) VALUES (?, ?)", (seq, first_seq)
        )


def forget(connection: sqlite3.Connection, seq: int, body: bytes) -> None:
    """Take away what :func:`recognise` noted of a record that is being pruned."""
    delivery = _view(body)
    if delivery is not None:
        connection.executemany(
            "DELETE FROM seen WHERE hash = ? AND seq = ?",
            [(hash_of(key), seq) for key in keys_of(delivery)],
        )
    connection.execute("DELETE FROM duplicate WHERE seq = ?", (seq,))


def keys_of(delivery: Delivery) -> list[str]:
    """Return what a delivery is known by, each once: its ``eventId`` and its events' uuids."""
    ids = [delivery.event_id, *(event.uuid for event in delivery.events)]
    return list(dict.fromkeys(key for key in ids if key))


def hash_of(key: str) -> int:
    """Return a signed 64-bit hash that is the same in every process."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def seqs_known_by(connection: sqlite3.Connection, key: str) -> list[int]:
    """Return the records that carry ``key`` as an ``eventId`` or a uuid, in order of arrival."""
    return [
        seq
        for seq, body in connection.execute(
            "SELECT record.seq, body FROM seen JOIN record USING (seq)"
            " WHERE hash = ? ORDER BY seen.seq",
            (hash_of(key),),
        )
        if (delivery := _view(body)) is not None and key in keys_of(delivery)
    ]


def seqs_carrying(
    connection: sqlite3.Connection, uuids: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """Return the deliveries that carry each of the events ``uuids``, in order of arrival.

    An event that none carries is left out.
    """
    wanted: dict[int, list[str]] = {}
    for uuid in dict.fromkeys(uuids):
        wanted.setdefault(hash_of(uuid), []).append(uuid)
    marks = ",".join("?" * len(wanted))
    rows = connection.execute(
        f"SELECT hash, record.seq, body FROM seen JOIN record USING (seq)"  # noqa: S608 - marks alone
        f" WHERE hash IN ({marks}) ORDER BY seen.seq",
        list(wanted),
    )
    found: dict[str, tuple[int, ...]] = {}
    for hashed, seq, body in rows:
        if (delivery := _view(body)) is None:
            continue
        for uuid in wanted[hashed]:
            if _has_event(delivery, uuid):
                found[uuid] = (*found.get(uuid, ()), seq)
    return found


def _first_seen(connection: sqlite3.Connection, seq: int, delivery: Delivery) -> int | None:
    if delivery.event_id:
        by_id = _earlier(connection, seq, delivery.event_id, _has_event_id)
        if by_id is not None:
            return by_id
    uuids = {event.uuid for event in delivery.events if event.uuid}
    seen = [_earlier(connection, seq, uuid, _has_event) for uuid in uuids]
    known = [found for found in seen if found is not None]
    if not known or len(known) < len(seen):
        return None
    return min(known)


def _earlier(
    connection: sqlite3.Connection, seq: int, key: str, carries: Callable[[Delivery, str], bool]
) -> int | None:
    """Return the first record before ``seq`` that carries the key."""
    candidates = connection.execute(
        "SELECT record.seq, body FROM seen JOIN record USING (seq)"
        " WHERE hash = ? AND seen.seq < ? ORDER BY seen.seq",
        (hash_of(key), seq),
    )
    for candidate, body in candidates:
        delivery = _view(body)
        if delivery is not None and carries(delivery, key):
            return int(candidate)
    return None


def _has_event_id(delivery: Delivery, event_id: str) -> bool:
    return delivery.event_id == event_id


def _has_event(delivery: Delivery, uuid: str) -> bool:
    return any(event.uuid == uuid for event in delivery.events)


def _view(body: bytes) -> Delivery | None:
    try:
        return parse_delivery(body)
    except NotADelivery:
        return None
