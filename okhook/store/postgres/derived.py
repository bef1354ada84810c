"""What is derived from the records: their duplicates, and the index of their words.

``okhook.seen`` holds a 64-bit hash of each ``eventId`` and each event's uuid. The stored bytes
decide if two ids have the same hash.
"""

from collections.abc import Callable, Collection, Iterable, Iterator

from okhook.store import derive
from okhook.store.derive import has_event, keys_of
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.rows import to_bytes, to_text
from okhook.store.postgres.words import vectors_of
from okhook.wire.delivery import Delivery, delivery_in


class Seen:
    """The deliveries that carry any of some keys, looked up at once."""

    def __init__(self, connection: Connection, keys: Iterable[str]) -> None:
        self._connection = connection
        self._deliveries: dict[int, Delivery] = {}
        self._carriers: dict[int, list[tuple[int, int]]] = {}
        found = connection.execute(
            "SELECT hash, seq, receiver_id FROM okhook.seen JOIN okhook.record USING (seq)"
            " WHERE hash = ANY(%s::bigint[]) ORDER BY seq",
            (list({derive.hash_of(key) for key in keys}),),
        )
        for hash_, seq, receiver_id in found:
            self._carriers.setdefault(hash_, []).append((seq, receiver_id))

    def add(self, seq: int, receiver_id: int, delivery: Delivery) -> list[tuple[int, int]]:
        """Add a delivery that is newer than all others; return its rows of ``okhook.seen``."""
        self._deliveries[seq] = delivery
        hashes = dict.fromkeys(derive.hash_of(key) for key in keys_of(delivery))
        for hash_ in hashes:
            self._carriers.setdefault(hash_, []).append((seq, receiver_id))
        return [(hash_, seq) for hash_ in hashes]

    def carriers(
        self,
        key: str,
        carries: Callable[[Delivery, str], bool],
        scope: tuple[int, ...] | None = None,
    ) -> Iterator[int]:
        """Yield the deliveries with a key, oldest first; only those of receivers in ``scope``."""
        for seq, receiver_id in self._carriers.get(derive.hash_of(key), ()):
            is_in_scope = scope is None or receiver_id in scope
            if is_in_scope and carries(self._delivery(seq), key):
                yield seq

    def first(self, delivery: Delivery, scope: tuple[int, ...] | None) -> int | None:
        """Return what ``delivery`` is a duplicate of, None if it is new."""
        return derive.first_seen(delivery, lambda key, carries: self.carriers(key, carries, scope))

    def _delivery(self, seq: int) -> Delivery:
        if seq not in self._deliveries:
            row = self._connection.execute(
                "SELECT body FROM okhook.record WHERE seq = %s", (seq,), binary=True
            ).fetchone()
            self._deliveries[seq] = delivery_in(b"" if row is None else row[0])
        return self._deliveries[seq]


def seqs_known_by(connection: Connection, key: str) -> list[int]:
    """Return the deliveries with ``key`` as ``eventId`` or event uuid, oldest first."""
    seen = Seen(connection, [key])
    return list(seen.carriers(key, lambda delivery, key: key in keys_of(delivery)))


def seqs_carrying(connection: Connection, uuids: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Return the deliveries that contain each event, oldest first; events in none are not keys."""
    seen = Seen(connection, uuids)
    found = {uuid: tuple(seen.carriers(uuid, has_event)) for uuid in uuids}
    return {uuid: seqs for uuid, seqs in found.items() if seqs}


def index_words(connection: Connection, texts: Iterable[tuple[int, str]]) -> None:
    """Add the texts of records to the word index, by ``seq``."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO okhook.word (seq, words) VALUES (%s, %s::tsvector)",
            [(seq, part) for seq, text in texts for part in vectors_of(text)],
        )


def index_event_types(
    connection: Connection, event_types: Iterable[tuple[int, Iterable[str]]]
) -> None:
    """Note which records, by ``seq``, contain which event types."""
    pairs = [(to_bytes(name), seq) for seq, names in event_types for name in names]
    names = list({name for name, _ in pairs})
    connection.execute(
        "INSERT INTO okhook.event_type (name) SELECT name FROM unnest(%s::bytea[]) AS name"
        " WHERE NOT EXISTS (SELECT 1 FROM okhook.event_type AS known WHERE known.name = name.name)"
        " ON CONFLICT DO NOTHING",
        (names,),
    )
    connection.execute(
        "INSERT INTO okhook.occurrence (event_type_id, seq) SELECT id, found.seq"
        " FROM unnest(%s::bytea[], %s::bigint[]) AS found (name, seq)"
        " JOIN okhook.event_type USING (name) ON CONFLICT DO NOTHING",
        ([name for name, _ in pairs], [seq for _, seq in pairs]),
    )


def event_types(connection: Connection) -> dict[str, int]:
    """Return the ids of all event types that were ever indexed, by name."""
    found = connection.execute("SELECT name, id FROM okhook.event_type ORDER BY name", binary=True)
    return {to_text(name): id_ for name, id_ in found}


def forget(connection: Connection, seqs: list[int], hashes: list[int]) -> None:
    """Remove all that was derived of records, by their ``seq`` and the hashes of their keys."""
    connection.execute(
        "DELETE FROM okhook.seen WHERE hash = ANY(%s::bigint[]) AND seq = ANY(%s::bigint[])",
        (hashes, seqs),
    )
    connection.execute(
        "DELETE FROM okhook.occurrence WHERE seq = ANY(%s::bigint[])"
        " AND event_type_id IN (SELECT id FROM okhook.event_type)",
        (seqs,),
    )
    for table in ("duplicate", "word", "commit_time"):
        connection.execute(
            f"DELETE FROM okhook.{table} WHERE seq = ANY(%s::bigint[])",  # noqa: S608 - our own tables
            (seqs,),
        )
