"""Records, attempts and forwards as rows of a table, and back."""

import json
from collections.abc import Iterable
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

OLD = 0
"""The receiver of what an older okhook stored, or what came to a store opened without a name."""

NOBODY = -1
"""The id of a receiver that is not known."""

Row = tuple[Any, ...]

INSERTED = "kind, received_at_us, method, path, headers, body, status, reason, auth, receiver_id"

ATTEMPT_COLUMNS = (
    "seq, target, purpose, number, began_at_us, duration_us, status, fault, reason, answer,"
    " answer_type"
)


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
    """Return the record of a row: ``seq``, its values, the ``seq`` it repeats, its receiver."""
    seq, kind, received_at_us, method, path, headers, body, status, reason, auth, *derived = row
    pairs = tuple((n.encode("latin-1"), v.encode("latin-1")) for n, v in json.loads(headers))
    request = InboundRequest(method, text_of(path), pairs, body, moment_of(received_at_us))
    outcome = AuthOutcome(auth)
    return Record(seq, RecordKind(kind), request, status, text_of(reason), outcome, *derived)


def attempt_of(row: Row) -> Attempt:
    """Return the attempt of a row of :data:`ATTEMPT_COLUMNS`."""
    seq, target, purpose, number, began_at_us, duration_us, status, *said = row
    fault, reason, answer, answer_type = said
    return Attempt(
        seq,
        target,
        Purpose(purpose),
        number,
        moment_of(began_at_us),
        duration_us / 1_000_000,
        status,
        text_of(fault),
        text_of(reason),
        answer,
        text_of(answer_type),
    )


def forward_of(row: Row) -> Forward:
    """Return the forward of a row ``seq, url, state, attempts, next_at_us``."""
    seq, target, state, attempts, next_at_us = row
    next_at = None if next_at_us is None else moment_of(next_at_us)
    return Forward(seq, target, ForwardState(state), attempts, next_at)


def text_of(stored: str | bytes | None) -> Any:  # noqa: ANN401 - a column may be NULL
    """Return a text from outside; :func:`okhook.store.sql.stored_text` says how it is kept."""
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored


def microseconds(aware: datetime) -> int:
    """Return a time as microseconds since 1970, exactly."""
    return (aware - _EPOCH) // _MICROSECOND


def moment_of(us: int) -> datetime:
    """Return the time that is so many microseconds after the beginning of 1970."""
    return _EPOCH + us * _MICROSECOND


def seqs_within(sizes: Iterable[Row], most_bytes: int) -> list[int]:
    """Return the first ``seq``, at least one, until their sizes in bytes reach ``most_bytes``."""
    seqs: list[int] = []
    for seq, size_bytes in sizes:
        if most_bytes > 0:
            seqs.append(seq)
        most_bytes -= size_bytes
    return seqs


def seq_in(text: str) -> list[int]:
    """Return the ``seq`` that ``text`` is, or nothing if it can be none."""
    return [int(text)] if text.isascii() and text.isdecimal() and len(text) < 19 else []
