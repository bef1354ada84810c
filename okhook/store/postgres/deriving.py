"""Derive from the records, after their answer: duplicates first, then the word index.

Each step writes its results and its progress in one transaction that holds the row of its progress:
a crash neither repeats nor skips a record, and of several processes one derives at a time.
"""

from collections.abc import Collection, Sequence
from functools import partial

from okhook.store import arrivals
from okhook.store.arrivals import Counters, counters_of
from okhook.store.duplicates import RECOGNISED_KINDS, first_seen, keys_of
from okhook.store.found import note_commit_times
from okhook.store.postgres import word_index
from okhook.store.postgres.connection import Connection, transaction
from okhook.store.postgres.seen import Seen
from okhook.store.progress import (
    Progress,
    Underived,
    progress_of,
    take_unindexed,
    take_unrecognised,
)
from okhook.store.receivers import scope_of
from okhook.store.search_terms import indexed
from okhook.wire.delivery import delivery_in

CHANNEL = "okhook"
"""Where the last ``seq`` that is checked for duplicates is notified."""


def recognise(
    connection: Connection, commit_times: Collection[tuple[int, int]] = ()
) -> Progress | None:
    """Find the duplicates among the next few records; None if another process does it now.

    ``commit_times`` are stored on the way: the ``seq`` of records, and their microseconds.
    """
    with transaction(connection):
        if not _is_our_turn(connection, "recognised"):
            return None
        note_commit_times(connection, commit_times)
        if taken := take_unrecognised(connection):
            _mark_duplicates(connection, taken)
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(taken[-1].seq)))
    return progress_of(connection)


def index(connection: Connection) -> Progress | None:
    """Index the words of the next few recognised records; None if another process does it now."""
    with transaction(connection):
        if not _is_our_turn(connection, "indexed"):
            return None
        if taken := take_unindexed(connection):
            found = [(row, *indexed(row.kind, row.body)[1:]) for row in taken]
            word_index.index_words(connection, [(row.seq, words) for row, words, _ in found])
            word_index.index_event_types(connection, [(row.seq, types) for row, _, types in found])
            each = (counters_of(row.received_at_us, row.kind, types) for row, _, types in found)
            arrivals.count(connection, sum(each, Counters()), by=1)
    return progress_of(connection)


def _mark_duplicates(connection: Connection, taken: Sequence[Underived]) -> None:
    deliveries = [
        (seq, receiver_id, delivery_in(body))
        for seq, kind, body, receiver_id, _ in taken
        if kind in RECOGNISED_KINDS
    ]
    seen = Seen(connection, (key for *_, each in deliveries for key in keys_of(each)))
    scopes = {each: scope_of(connection, each) for each in {each for _, each, _ in deliveries}}
    hashes: list[tuple[int, int]] = []
    duplicates: list[tuple[int, int]] = []
    for seq, receiver_id, delivery in deliveries:
        carriers = partial(seen.carriers, scope=scopes[receiver_id])
        first_seq = first_seen(delivery, carriers)
        if first_seq is not None:
            duplicates.append((seq, first_seq))
        hashes += seen.add(seq, receiver_id, delivery)
    _insert_pairs(connection, "seen (hash, seq)", hashes)
    _insert_pairs(connection, "duplicate (seq, first_seq)", duplicates)


def _insert_pairs(connection: Connection, into: str, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        connection.execute(
            f"INSERT INTO okhook.{into} SELECT * FROM unnest(%s::bigint[], %s::bigint[])"  # noqa: S608 - our own tables
            " ON CONFLICT DO NOTHING",
            ([first for first, _ in pairs], [second for _, second in pairs]),
        )


def _is_our_turn(connection: Connection, name: str) -> bool:
    """Lock the row of a progress, unless another process derives now."""
    row = connection.execute(
        "SELECT 1 FROM okhook.progress WHERE name = %s FOR UPDATE SKIP LOCKED", (name,)
    )
    return row.fetchone() is not None
