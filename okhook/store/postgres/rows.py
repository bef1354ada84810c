"""Records and attempts as rows of PostgreSQL, and back. Text from outside is ``bytea`` there."""

from collections.abc import Mapping, Sequence
from typing import Any

from okhook.records.attempt import Attempt
from okhook.records.record import NewRecord, Record
from okhook.store import rows
from okhook.store.postgres.connection import Connection
from okhook.store.rows import Row

RECORD_COLUMNS = (
    "record.seq, record.kind, record.received_at_us, record.method, record.path, record.headers,"
    " record.body, record.status, record.reason, record.auth,"
    " (SELECT first_seq FROM okhook.duplicate WHERE duplicate.seq = record.seq),"
    " (SELECT name FROM okhook.receiver WHERE receiver.id = record.receiver_id)"
)

_AT = f"""
    SELECT {RECORD_COLUMNS} FROM (
        SELECT *, sum(octet_length(body)) OVER (ORDER BY seq) - octet_length(body) AS bytes_before
        FROM okhook.record WHERE seq = ANY(%s::bigint[])
    ) AS record WHERE bytes_before < %s ORDER BY seq
"""  # noqa: S608 - our own column names


def records_from(
    connection: Connection, source: str, values: Mapping[str, Any] | None = None
) -> list[Record]:
    """Return the records of ``source``: of a table, under conditions, in an order."""
    rows = connection.execute(f"SELECT {RECORD_COLUMNS} FROM {source}", values, binary=True)  # noqa: S608 - our own conditions
    return [record_of(row) for row in rows]


def records_at(connection: Connection, seqs: Sequence[int], most_bytes: int) -> list[Record]:
    """Return the records with these ``seq`` until their bodies have ``most_bytes``."""
    found = connection.execute(_AT, (list(seqs), most_bytes), binary=True)
    return [record_of(row) for row in found]


def row_of(record: NewRecord, receiver_id: int) -> Row:
    """Return the values of :data:`okhook.store.rows.INSERTED`."""
    kind, at, method, path, headers, body, status, reason, *rest = rows.row_of(record, receiver_id)
    return (kind, at, method, to_bytes(path), headers, body, status, _or_none(reason), *rest)


def record_of(row: Row) -> Record:
    """Return the record of a row of :data:`RECORD_COLUMNS`."""
    seq, kind, at, method, path, headers, body, status, reason, *rest = row
    return rows.record_of(
        (seq, kind, at, method, to_text(path), headers, body, status, _text(reason), *rest)
    )


def attempt_row(attempt: Attempt) -> Row:
    """Return the values of :data:`okhook.store.rows.ATTEMPT_COLUMNS`."""
    *known, fault, reason, answer, answer_type = rows.attempt_row(attempt)
    return (*known, _or_none(fault), _or_none(reason), answer, _or_none(answer_type))


def attempt_of(row: Row) -> Attempt:
    """Return the attempt of a row of :data:`okhook.store.rows.ATTEMPT_COLUMNS`."""
    *known, fault, reason, answer, answer_type = row
    return rows.attempt_of((*known, _text(fault), _text(reason), answer, _text(answer_type)))


def to_bytes(text: str) -> bytes:
    """Return any text as bytes, half a surrogate pair too."""
    return text.encode("utf-8", "surrogatepass")


def to_text(stored: bytes) -> str:
    """Return the text of :func:`to_bytes`."""
    return stored.decode("utf-8", "surrogatepass")


def _or_none(text: str | None) -> bytes | None:
    return None if text is None else to_bytes(text)


def _text(stored: bytes | None) -> str | None:
    return None if stored is None else to_text(stored)
