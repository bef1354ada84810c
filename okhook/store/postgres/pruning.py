"""Remove the oldest records, in short transactions, so that running receivers can go on."""

from collections.abc import Iterator

from okhook.store import arrivals
from okhook.store.arrivals import Counters, counters_of
from okhook.store.contract import PrunePlan
from okhook.store.duplicates import hash_of, keys_of
from okhook.store.postgres.connection import FORWARDING, Connection, take_lock, transaction
from okhook.store.pruning import oldest, planned_condition, remove
from okhook.store.rows import Row
from okhook.store.search_terms import indexed
from okhook.wire.delivery import delivery_in

_AT_ONCE = 100


def prune(connection: Connection, planned: PrunePlan, *, held_too: bool) -> Iterator[int]:
    """Remove the planned records, and yield how many each step removed.

    The newest record stays until it is indexed, as in every store.
    """
    condition = planned_condition(planned, held_too=held_too)
    while removed := _remove_some(connection, condition):
        yield removed


def _remove_some(connection: Connection, condition: str) -> int:
    with transaction(connection):
        # As deriving does, so that no step of it sees a record come and go.
        progress = connection.execute(
            "SELECT name, seq FROM okhook.progress ORDER BY name FOR UPDATE"
        )
        last_indexed = next(seq for name, seq in progress if name == "indexed")
        take_lock(connection, FORWARDING)
        rows = oldest(connection, condition, last_indexed, _AT_ONCE)
        if rows:
            _forget(connection, rows, last_indexed)
    return len(rows)


def _forget(connection: Connection, rows: list[Row], last_indexed: int) -> None:
    seqs = [seq for seq, *_ in rows]
    keys = {key for _, _, body, _ in rows for key in keys_of(delivery_in(body))}
    connection.execute(
        "DELETE FROM okhook.seen WHERE hash = ANY(%s::bigint[]) AND seq = ANY(%s::bigint[])",
        ([hash_of(key) for key in keys], seqs),
    )
    connection.execute(
        "DELETE FROM okhook.occurrence WHERE seq = ANY(%s::bigint[])"
        " AND event_type_id IN (SELECT id FROM okhook.event_type)",
        (seqs,),
    )
    each = (
        counters_of(at, kind, indexed(kind, body)[2])
        for seq, kind, body, at in rows
        if seq <= last_indexed
    )
    arrivals.count(connection, sum(each, Counters()), by=-1)
    connection.execute("DELETE FROM okhook.word WHERE seq = ANY(%s::bigint[])", (seqs,))
    remove(connection, seqs)
