"""The export format: one record as one JSON line, complete enough to replay it elsewhere."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from okhook.json_form import JsonObject
from okhook.records.attempt import Attempt
from okhook.records.record import Record

FORMAT_VERSION: Final = 1
"""Grows with each change that older readers cannot read."""


def exported(record: Record, attempts: Sequence[Attempt] = ()) -> JsonObject:
    """Return the JSON line of ``record`` and its attempts.

    A body is text if it is UTF-8 (``body``), else base64 (``body_base64``). Headers are Latin-1,
    which has a character for each byte.
    """
    request = record.request
    return {
        "type": "exported",
        "format": FORMAT_VERSION,
        "seq": record.seq,
        "kind": record.kind.value,
        "received_at": _microseconds(request.received_at),
        "method": request.method,
        "path": request.path,
        "headers": [
            [name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers
        ],
        **_text_or_base64("body", request.body),
        "status": record.status,
        "reason": record.reason,
        "auth": record.auth.value,
        "duplicate_of": record.duplicate_of,
        "attempts": [exported_attempt(attempt) for attempt in attempts],
    }


def exported_attempt(attempt: Attempt) -> JsonObject:
    """Return an attempt as it appears in the line of its record."""
    return {
        "target": attempt.target,
        "purpose": attempt.purpose.value,
        "number": attempt.number,
        "began_at": _microseconds(attempt.began_at),
        "duration_ms": round(attempt.duration_s * 1000, 3),
        "status": attempt.status,
        "fault": attempt.fault,
        "reason": attempt.reason,
        "answer_type": attempt.answer_type,
        **_text_or_base64("answer", attempt.answer),
    }


def _text_or_base64(name: str, content: bytes) -> dict[str, str]:
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content).decode()}


def _microseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
