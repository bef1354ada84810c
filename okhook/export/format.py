"""The export format: one record as one JSON line with all that is needed to use it elsewhere."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from okhook.json_form import JsonObject
from okhook.records.attempt import Attempt
from okhook.records.record import Record

FORMAT_VERSION: Final = 1
"""Grows when a reader of the older format could not read the newer one."""


def exported(record: Record, attempts: Sequence[Attempt] = ()) -> JsonObject:
    """Return the JSON line of ``record`` and its attempts.

    Bytes are text where they are UTF-8 (``body``), else base64 (``body_base64``); header bytes
    are Latin-1, which has a character for each of them.
    """
    request = record.request
    return {
        "type": "exported",
        "format": FORMAT_VERSION,
        "seq": record.seq,
        "kind": record.kind.value,
        "received_at": exact(request.received_at),
        "method": request.method,
        "path": request.path,
        "headers": [
            [name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers
        ],
        **text_or_base64("body", request.body),
        "status": record.status,
        "reason": record.reason,
        "auth": record.auth.value,
        "duplicate_of": record.duplicate_of,
        "attempts": [exported_attempt(attempt) for attempt in attempts],
    }


def exported_attempt(attempt: Attempt) -> JsonObject:
    """Return an attempt as it stands in the line of its record."""
    return {
        "target": attempt.target,
        "purpose": attempt.purpose.value,
        "number": attempt.number,
        "began_at": exact(attempt.began_at),
        "duration_ms": round(attempt.duration_s * 1000, 3),
        "status": attempt.status,
        "fault": attempt.fault,
        "reason": attempt.reason,
        "answer_type": attempt.answer_type,
        **text_or_base64("answer", attempt.answer),
    }


def text_or_base64(name: str, content: bytes) -> dict[str, str]:
    """Return ``content`` as the member ``name`` where it is UTF-8, else as ``name_base64``."""
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content).decode()}


def exact(moment: datetime) -> str:
    """Return an aware time in UTC with its microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
