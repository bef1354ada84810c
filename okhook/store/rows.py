"""Records as rows of SQLite, and back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from okhook.delivery import InboundRequest
from okhook.record import AuthOutcome, NewRecord, Record, RecordKind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

COLUMNS = (
    "seq, kind, received_at_us, method, path, headers, body, status, reason, auth, duplicate_of"
)

INSERT = (
    "INSERT INTO record (kind, received_at_us, method, path, headers, body, status, reason, auth,"
    " event_id, duplicate_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def row_of(record: NewRecord, duplicate_of: int | None) -> tuple[Any, ...]:
    """Return the values of :data:`INSERT`."""
    request = record.request
    return (
        record.kind.value,
        (request.received_at - _EPOCH) // _MICROSECOND,
        request.method,
        request.path,
        _packed(request.headers),
        request.body,
        record.status,
        record.reason,
        record.auth.value,
        record.event_id,
        duplicate_of,
    )


def record_of(row: tuple[Any, ...]) -> Record:
    """Return the record of a row of :data:`COLUMNS`."""
    seq, kind, received_at_us, method, path, headers, body, status, reason, auth, duplicate_of = row
    return Record(
        seq=seq,
        kind=RecordKind(kind),
        request=InboundRequest(
            method=method,
            path=path,
            headers=_unpacked(headers),
            body=body,
            received_at=_EPOCH + received_at_us * _MICROSECOND,
        ),
        status=status,
        reason=reason,
        auth=AuthOutcome(auth),
        duplicate_of=duplicate_of,
    )


def _packed(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Pack pairs as JSON. Latin-1 maps each byte to one character, so any byte comes back equal."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    return json.dumps(pairs, separators=(",", ":")).encode()


def _unpacked(packed: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in json.loads(packed)
    )
