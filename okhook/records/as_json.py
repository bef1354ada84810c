"""Records that were looked up, as something to see: in a list, or one of them whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import urlsplit

from okhook.activity import Activity
from okhook.json_form import JsonFields
from okhook.json_path import strict_json
from okhook.records.attempt import Attempt
from okhook.records.record import Found, Record
from okhook.secret import HIDDEN, may_carry_credential
from okhook.wire.delivery import Delivery, parse_delivery
from okhook.wire.payload import NotADelivery

_EVENT_URL_HEADER: Final = b"x-hookdeck-event-url"

_RECORD: Final = (
    *("id=found.record.seq", "found.record.request.received_at", "found.status"),
    *("found.record.kind", "answered=found.record.status", "found.record.reason"),
    *("found.record.delivery.event_id", "found.record.delivery.hook_id"),
    *("found.record.duplicate_of", "reconstructed=found.record.is_reconstructed"),
    *("found.record.delivery.events", "found.forwards"),
)
"""What is written of a record, in a list and of one shown whole."""


@dataclass(frozen=True, slots=True)
class RecordFound(Activity):
    """A record in a list. ``last`` is the latest attempt to send it to an app."""

    type: ClassVar[str] = "record"
    json_fields: ClassVar[JsonFields] = _RECORD
    found: Found
    last: Attempt | None = None


@dataclass(frozen=True, slots=True)
class RecordShown(Activity):
    """One record with all that is known of it. ``repeats`` are the ``seq`` of its duplicates."""

    type: ClassVar[str] = "record"
    json_fields: ClassVar[JsonFields] = (
        *(*_RECORD, "duplicates=repeats", "found.record.auth", "found.record.request.method"),
        *("found.record.request.path", "headers", "body", "attempts", "hookdeck_event_url"),
    )
    found: Found
    attempts: Sequence[Attempt]
    repeats: Sequence[int] = ()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers as text, without credentials."""
        return shown_headers(self.found.record)

    @property
    def hookdeck_event_url(self) -> str | None:
        """Hookdeck's page for the event, where its header names one."""
        return hookdeck_event_url(self.found.record)

    @property
    def body(self) -> object:
        """The body as the JSON that it is, else as text."""
        return _body_json(self.found.record.request.body)


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
