"""The export format: one record as one JSON line, complete enough to replay it elsewhere."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, BinaryIO, Final, TypeVar

from okhook.errors import InvalidInput
from okhook.json_form import JsonObject
from okhook.json_path import json_kind
from okhook.records.attempt import Attempt
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.wire.delivery import HeaderPairs, InboundRequest

FORMAT_VERSION: Final = 1
"""Grows with each change that older readers cannot read."""


def exported(record: Record, attempts: Sequence[Attempt] = ()) -> JsonObject:
    """Return the JSON line of a record: a body that is not UTF-8 as base64, headers as Latin-1."""
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


LINE_LIMIT_BYTES: Final = 256 << 20
"""Longer than the line of the largest body with many attempts."""

Choice = TypeVar("Choice", bound=StrEnum)


class _NotExported(Exception):
    """The line is not an exported record, because of what the message says."""


def read_export(stream: BinaryIO, name: str) -> Iterator[Record]:
    """Yield the records of an export, or raise ``InvalidInput``. Errors call the file ``name``."""
    for number, line in enumerate(iter(partial(_next_line, stream, name), b""), start=1):
        if len(line) <= LINE_LIMIT_BYTES and not line.strip():
            continue
        try:
            yield _record(_object(line))
        except _NotExported as error:
            raise InvalidInput(
                f"line {number} of {name} is not an exported delivery",
                why=str(error),
                next_step="create the file with `okhook deliveries export`",
            ) from None


def _next_line(stream: BinaryIO, name: str) -> bytes:
    try:
        return stream.readline(LINE_LIMIT_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"could not read {name}", why=error.strerror) from error


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LINE_LIMIT_BYTES:
        raise _NotExported(f"it is longer than {LINE_LIMIT_BYTES >> 20} MiB")
    try:
        value = json.loads(line)
    except RecursionError:
        raise _NotExported("it is nested too deeply") from None
    except ValueError as error:
        raise _NotExported(f"it is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise _NotExported(f"it is {json_kind(value)}, not an object")
    if value.get("type") != "exported":
        raise _NotExported('its type is not "exported"')
    if _integer(value, "format") > FORMAT_VERSION:
        raise _NotExported("a newer okhook wrote it: upgrade okhook")
    return value


def _record(entry: dict[str, Any]) -> Record:
    return Record(
        seq=_integer(entry, "seq"),
        kind=_one_of(RecordKind, entry, "kind"),
        request=InboundRequest(
            method=_text(entry, "method"),
            path=_text(entry, "path"),
            headers=_headers(entry.get("headers")),
            body=_body(entry),
            received_at=_moment(entry, "received_at"),
        ),
        status=_integer(entry, "status"),
        reason=None if entry.get("reason") is None else _text(entry, "reason"),
        auth=_one_of(AuthOutcome, entry, "auth"),
        duplicate_of=None if entry.get("duplicate_of") is None else _integer(entry, "duplicate_of"),
    )


def _integer(entry: dict[str, Any], name: str) -> int:
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _NotExported(f"{name} must be a whole number")
    return value


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise _NotExported(f"{name} must be a string, not {json_kind(value)}")
    return value


def _one_of(choices: type[Choice], entry: dict[str, Any], name: str) -> Choice:
    try:
        return choices(_text(entry, name))
    except ValueError:
        raise _NotExported(f"{name} must be one of {', '.join(choices)}") from None


def _moment(entry: dict[str, Any], name: str) -> datetime:
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(_text(entry, name))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    raise _NotExported(f"{name} must be a time like 2026-11-24T12:00:00.000000Z")


def _headers(pairs: Any) -> HeaderPairs:  # noqa: ANN401 - any JSON value
    if isinstance(pairs, list) and all(isinstance(pair, list) for pair in pairs):
        with suppress(AttributeError, ValueError):
            return tuple((name.encode("latin-1"), text.encode("latin-1")) for name, text in pairs)
    raise _NotExported("headers must be an array of pairs of Latin-1 strings")


def _body(entry: dict[str, Any]) -> bytes:
    if "body_base64" not in entry:
        try:
            return _text(entry, "body").encode()
        except UnicodeEncodeError:
            raise _NotExported("body has an unpaired surrogate") from None
    try:
        return base64.b64decode(_text(entry, "body_base64"), validate=True)
    except (binascii.Error, ValueError):
        raise _NotExported("body_base64 is not base64") from None
