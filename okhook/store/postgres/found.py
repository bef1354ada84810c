"""Records with what became of them."""

from collections.abc import Iterable

from okhook.records.record import Found, Record
from okhook.store.postgres.attempts import forwards_of
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.rows import record_at, records_after
from okhook.store.postgres.seen import seqs_known_by
from okhook.store.rows import seq_in


def identified(connection: Connection, text: str) -> list[Found]:
    """Return all records with this ``seq``, ``eventId`` or event uuid, oldest first."""
    seqs = seqs_known_by(connection, text) or seq_in(text)
    return _found(connection, (record_at(connection, seq) for seq in seqs))


def repeats_of(connection: Connection, seq: int) -> list[Found]:
    """Return the duplicates of a record, oldest first."""
    rows = connection.execute(
        "SELECT seq FROM okhook.duplicate WHERE first_seq = %s ORDER BY seq", (seq,)
    ).fetchall()
    return _found(connection, (record_at(connection, each) for (each,) in rows))


def found_after(connection: Connection, seq: int, limit: int) -> list[Found]:
    """Return up to ``limit`` records after ``seq`` that are checked for duplicates."""
    return _found(connection, records_after(connection, seq, limit))


def _found(connection: Connection, records: Iterable[Record | None]) -> list[Found]:
    known = [record for record in records if record is not None]
    forwards = forwards_of(connection, [record.seq for record in known])
    return [Found(record, forwards.get(record.seq, ())) for record in known]
