"""Which delivery repeats an earlier one, and which records carry an id.

A delivery is known by its ``eventId`` and by its events' uuids. Each is kept as a 64-bit hash, a
third of its size; where a hash is known already the earlier record's own bytes decide.
"""

import sqlite3
from collections.abc import Callable, Collection

from okhook.store import derive
from okhook.store.derive import delivery_in, has_event, keys_of
from okhook.wire.delivery import Delivery


def recognise(connection: sqlite3.Connection, seq: int, body: bytes) -> None:
    """Note what the delivery ``seq`` is known by, and which earlier one it repeats.

    It repeats one with the same ``eventId``, or ones that held each of its events already. A
    delivery with one new event among known ones is new.
    """
    delivery = delivery_in(body)
    if delivery is None:
        return
    first_seq = _first_seen(connection, seq, delivery)
    connection.executemany(
        "INSERT OR IGNORE INTO seen (hash, seq) VALUES (?, ?)",
        [(derive.hash_of(key), seq) for key in keys_of(delivery)],
    )
    if first_seq is not None:
        connection.execute(
            "INSERT OR IGNORE INTO duplicate (seq, first_seq) VALUES (?, ?)", (seq, first_seq)
        )


def forget(connection: sqlite3.Connection, seq: int, body: bytes) -> None:
    """Take away what :func:`recognise` noted of a record that is being pruned."""
    delivery = delivery_in(body)
    if delivery is not None:
        connection.executemany(
            "DELETE FROM seen WHERE hash = ? AND seq = ?",
            [(derive.hash_of(key), seq) for key in keys_of(delivery)],
        )
    connection.execute("DELETE FROM duplicate WHERE seq = ?", (seq,))


def seqs_known_by(connection: sqlite3.Connection, key: str) -> list[int]:
    """Return the records that carry ``key`` as an ``eventId`` or a uuid, in order of arrival."""
    rows = connection.execute(
        "SELECT record.seq, body FROM seen JOIN record USING (seq)"
        " WHERE hash = ? ORDER BY seen.seq",
        (derive.hash_of(key),),
    )
    found = ((seq, delivery_in(body)) for seq, body in rows)
    return [seq for seq, delivery in found if delivery is not None and key in keys_of(delivery)]


def seqs_carrying(
    connection: sqlite3.Connection, uuids: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """Return the deliveries that carry each of the events ``uuids``, in order of arrival.

    An event that none carries is left out.
    """
    wanted: dict[int, list[str]] = {}
    for uuid in dict.fromkeys(uuids):
        wanted.setdefault(derive.hash_of(uuid), []).append(uuid)
    marks = ",".join("?" * len(wanted))
    rows = connection.execute(
        f"SELECT hash, record.seq, body FROM seen JOIN record USING (seq)"  # noqa: S608 - marks alone
        f" WHERE hash IN ({marks}) ORDER BY seen.seq",
        list(wanted),
    )
    found: dict[str, tuple[int, ...]] = {}
    for hashed, seq, body in rows:
        if (delivery := delivery_in(body)) is None:
            continue
        for uuid in wanted[hashed]:
            if has_event(delivery, uuid):
                found[uuid] = (*found.get(uuid, ()), seq)
    return found


def _first_seen(connection: sqlite3.Connection, seq: int, delivery: Delivery) -> int | None:
    if delivery.event_id:
        by_id = _earlier(connection, seq, delivery.event_id, _has_event_id)
        if by_id is not None:
            return by_id
    uuids = {event.uuid for event in delivery.events if event.uuid}
    seen = [_earlier(connection, seq, uuid, has_event) for uuid in uuids]
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
        (derive.hash_of(key), seq),
    )
    for candidate, body in candidates:
        delivery = delivery_in(body)
        if delivery is not None and carries(delivery, key):
            return int(candidate)
    return None


def _has_event_id(delivery: Delivery, event_id: str) -> bool:
    return delivery.event_id == event_id
