"""Records that were looked up, as something to see: in a list, or one of them whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import urlsplit

from okhook.activity import Activity, JsonObject, event_json, timestamp
from okhook.json_path import strict_json
from okhook.records.attempt import Attempt, Forward
from okhook.records.record import Found, Record
from okhook.secret import HIDDEN, may_carry_credential
from okhook.wire.delivery import Delivery, parse_delivery
from okhook.wire.payload import NotADelivery

_EVENT_URL_HEADER: Final = b"x-hookdeck-event-url"


@dataclass(frozen=True, slots=True)
class RecordFound(Activity):
    """A record in a list. ``last`` is the latest attempt to send it to an app."""

    type: ClassVar[str] = "record"
    found: Found
    last: Attempt | None = None

    def _fields(self) -> JsonObject:
        return _record_json(self.found)


@dataclass(frozen=True, slots=True)
class RecordShown(Activity):
    """One record with all that is known of it. ``repeats`` are the ``seq`` of its duplicates."""

    type: ClassVar[str] = "record"
    found: Found
    attempts: Sequence[Attempt]
    repeats: Sequence[int] = ()

    def _fields(self) -> JsonObject:
        record = self.found.record
        request = record.request
        return {
            **_record_json(self.found),
            "duplicates": list(self.repeats),
            "auth": record.auth.value,
            "method": request.method,
            "path": request.path,
            "headers": [list(pair) for pair in shown_headers(record)],
            "body": _body_json(request.body),
            "attempts": [_attempt_json(attempt) for attempt in self.attempts],
            "hookdeck_event_url": hookdeck_event_url(record),
        }


def delivery_in(record: Record) -> Delivery | None:
    """Return what a record's body says; None where it is no delivery's."""
    try:
        return parse_delivery(record.request.body)
    except NotADelivery:
        return None


def shown_headers(record: Record) -> list[tuple[str, str]]:
    """Return headers as text; what may be a credential and was not hidden before is hidden now."""
    headers = []
    for name, value in record.request.headers:
        shown = name.decode("latin-1")
        hidden = HIDDEN if may_carry_credential(shown) else value
        headers.append((shown, hidden.decode("utf-8", "replace")))
    return headers


def hookdeck_event_url(record: Record) -> str | None:
    """Return Hookdeck's page for the event, where its header names one."""
    for name, value in record.request.headers:
        if name.lower() == _EVENT_URL_HEADER:
            url = value.decode("latin-1")
            return url if _is_page(url) else None
    return None


def _record_json(found: Found) -> JsonObject:
    record = found.record
    delivery = delivery_in(record)
    events = () if delivery is None else delivery.events
    return {
        "id": record.seq,
        "received_at": timestamp(record.request.received_at),
        "status": found.status.value,
        "kind": record.kind.value,
        "answered": record.status,
        "reason": record.reason,
        "event_id": None if delivery is None else delivery.event_id,
        "hook_id": None if delivery is None else delivery.hook_id,
        "duplicate_of": record.duplicate_of,
        "reconstructed": record.is_reconstructed,
        "events": [event_json(event) for event in events],
        "forwards": [_forward_json(forward) for forward in found.forwards],
    }


def _forward_json(forward: Forward) -> JsonObject:
    return {
        "target": forward.target,
        "state": forward.state.value,
        "attempts": forward.attempts,
        "next_at": None if forward.next_at is None else timestamp(forward.next_at),
    }


def _attempt_json(attempt: Attempt) -> JsonObject:
    return {
        "target": attempt.target,
        "purpose": attempt.purpose.value,
        "number": attempt.number,
        "began_at": timestamp(attempt.began_at),
        "duration_ms": round(attempt.duration_s * 1000, 2),
        "status": attempt.status,
        "fault": attempt.fault,
        "error": attempt.reason,
        "answer_type": attempt.answer_type,
        "answer": attempt.answer.decode("utf-8", "replace"),
    }


def _body_json(body: bytes) -> object:
    """Return a body as the JSON that it is, else as text."""
    try:
        value = strict_json(body)
        json.dumps([[[[value]]]])  # what could be read may be nested too deeply to be written
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
    return value


def _is_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and url.isprintable() and " " not in url
