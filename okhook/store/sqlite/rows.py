"""Records, attempts and forwards as rows of SQLite, and back."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import AuthOutcome, NewRecord, Record, RecordKind
from okhook.wire.delivery import InboundRequest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

BEYOND_ALL = 2**63 - 1
"""A ``seq`` above every other."""

Row = tuple[Any, ...]

INSERTED = "kind, received_at_us, method, path, headers, body, status, reason, auth, receiver_id"

RECORD_COLUMNS = (
    "record.seq, kind, received_at_us, method, path, headers, body, status, reason, auth,"
    " (SELECT first_seq FROM duplicate WHERE duplicate.seq = record.seq),"
    " (SELECT name FROM receiver WHERE receiver.id = record.receiver_id)"
)

ATTEMPT_COLUMNS = (
    "seq, target, purpose, number, began_at_us, duration_us, status, fault, reason, answer,"
    " answer_type"
)


def records_after(connection: sqlite3.Connection, seq: int, limit: int) -> list[Record]:
    """Return up to ``limit`` records after ``seq`` that are checked for duplicates."""
    rows = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM record WHERE record.seq > ?"  # noqa: S608 - our own column names
        " AND record.seq <= (SELECT seq FROM progress WHERE name = 'recognised')"
        " ORDER BY record.seq LIMIT ?",
        (seq, limit),
    )
    return [record_of(row) for row in rows]


def record_at(connection: sqlite3.Connection, seq: int) -> Record | None:
    """Return a record, or None if there is none with this ``seq``."""
    found = records_at(connection, (seq,), 1)
    return found[0] if found else None


def records_at(
    connection: sqlite3.Connection, seqs: Sequence[int], most_bytes: int
) -> list[Record]:
    """Return the records with these ``seq`` until their bodies have ``most_bytes``."""
    marks = ", ".join("?" * len(seqs))
    rows = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM record WHERE record.seq IN ({marks}) ORDER BY record.seq",  # noqa: S608 - our own column names
        seqs,
    )
    found: list[Record] = []
    while most_bytes > 0 and (row := rows.fetchone()) is not None:
        found.append(record_of(row))
        most_bytes -= len(found[-1].request.body)
    rows.close()
    return found


def row_of(record: NewRecord, receiver_id: int) -> Row:
    """Return the values of :data:`INSERTED`."""
    request, headers = record.request, record.request.headers
    return (
        record.kind.value,
        microseconds(request.received_at),
        request.method,
        request.path,
        # Latin-1 maps each byte to one character and back.
        orjson.dumps(
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        ),
        request.body,
        record.status,
        record.reason,
        record.auth.value,
        receiver_id,
    )


def record_of(row: Row) -> Record:
    """Return the record of a row of :data:`RECORD_COLUMNS`."""
    seq, kind, received_at_us, method, path, headers, body, status, reason, auth, *derived = row
    pairs = tuple((n.encode("latin-1"), v.encode("latin-1")) for n, v in json.loads(headers))
    request = InboundRequest(method, path, pairs, body, moment_of(received_at_us))
    return Record(seq, RecordKind(kind), request, status, reason, AuthOutcome(auth), *derived)


def attempt_row(attempt: Attempt) -> Row:
    """Return the values of :data:`ATTEMPT_COLUMNS`."""
    seq, target, purpose, number, began_at, duration_s, *answered = astuple(attempt)
    duration_us = round(duration_s * 1_000_000)
    return (seq, target, purpose.value, number, microseconds(began_at), duration_us, *answered)


def attempt_of(row: Row) -> Attempt:
    """Return the attempt of a row of :data:`ATTEMPT_COLUMNS`."""
    seq, target, purpose, number, began_at_us, duration_us, *answered = row
    began_at, duration_s = moment_of(began_at_us), duration_us / 1_000_000
    return Attempt(seq, target, Purpose(purpose), number, began_at, duration_s, *answered)


def forward_of(row: Row) -> Forward:
    """Return the forward of a row ``seq, url, state, attempts, next_at_us``."""
    seq, target, state, attempts, next_at_us = row
    next_at = None if next_at_us is None else moment_of(next_at_us)
    return Forward(seq, target, ForwardState(state), attempts, next_at)


def microseconds(aware: datetime) -> int:
    """Return a time as microseconds since 1970, exactly."""
    return (aware - _EPOCH) // _MICROSECOND


def moment_of(us: int) -> datetime:
    """Return the time that is so many microseconds after the beginning of 1970."""
    return _EPOCH + us * _MICROSECOND
