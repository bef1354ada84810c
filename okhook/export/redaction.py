"""Redact records, so that they can be shared: placeholders replace names, ids and unknown words.

Headers that may carry a credential, and the answers of apps, are removed.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any, Final

from okhook.export.format import exported, exported_attempt
from okhook.export.placeholders import Kind, Placeholders
from okhook.export.redacted_text import TextRedactor, is_vocabulary
from okhook.json_form import JsonObject
from okhook.records.attempt import Attempt
from okhook.records.record import Record
from okhook.secret import HIDDEN, may_carry_credential
from okhook.wire.delivery import HeaderPairs, body_of
from okhook.wire.payload import NotADelivery, payload_of


class _As(Enum):
    """How to redact a string that is not replaced as a whole."""

    TEXT = "its phrases and unknown words"
    TECHNICAL = "its unknown words"
    MOMENT = "unless it is a time"
    VERSION = "unless it is a version"


_Treatment = Kind | _As

_MEMBERS: Final[Mapping[_Treatment, str]] = {
    Kind.NAME: "alternateId asOrg displayName firstName isp lastName middleName name nickName zone",
    Kind.LOGIN: "email login secondEmail userName username",
    Kind.ID: "eventId externalSessionId id requestId rootSessionId transactionId uuid",
    Kind.TEXT: "ip ipAddress",
    Kind.HOST: "domain",
    Kind.CITY: "city",
    Kind.STATE: "state",
    Kind.COUNTRY: "country",
    Kind.POSTAL_CODE: "postalCode zipCode",
    _As.TEXT: (
        "detectionName device displayMessage message note rawUserAgent reason reasons requestUri"
        " source targetEventHookIds url"
    ),
    _As.TECHNICAL: (
        "authenticationProvider browser contentType credentialProvider credentialType"
        " disk_encryption_type eventType interface legacyEventType level os os_platform"
        " previousLevel result screen_lock_type severity type"
    ),
    _As.MOMENT: "eventTime insertionTimestamp published",
    _As.VERSION: "cloudEventsVersion eventTypeVersion os_version version",
}
_TREATMENTS: Final[Mapping[str, _Treatment]] = {
    member: treatment for treatment, members in _MEMBERS.items() for member in members.split()
}
_NO_VALUE: Final = frozenset({"", "unknown", "null"})
_NUMBERS_LEFT: Final = frozenset({"authenticationStep", "version"})
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_VERSION: Final = re.compile(r"V?[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}")
_ENUM: Final = re.compile(r"[A-Z][A-Z_]*|true|false")


class _JsonRedactor:
    """Redacts the payload of one record: ``redacted`` has the same shape."""

    def __init__(self, placeholders: Placeholders, payload: Any) -> None:  # noqa: ANN401 - any JSON value
        self._placeholders = placeholders
        names = TextRedactor(placeholders)
        phrases = list(_originals(payload, "", Kind.TEXT))
        for phrase, kind in phrases:
            names.whole(phrase, kind)
        self.texts = TextRedactor(placeholders, (phrase for phrase, _ in phrases))
        self.redacted = self._value(payload, "", Kind.TEXT)

    def _value(self, value: Any, member: str, unknown: _Treatment) -> Any:  # noqa: ANN401
        match value:
            case str():
                return self._text(value, _TREATMENTS.get(member, unknown))
            case list():
                return [self._value(entry, member, unknown) for entry in value]
            case dict():
                inner = _inside(member, unknown)
                return {
                    self._member(name): self._value(entry, name, inner)
                    for name, entry in value.items()
                }
            case bool() | None:
                return value
            case _:
                return self._number(value, member)

    def _text(self, text: str, treatment: _Treatment) -> str:
        match treatment:
            case Kind() if _is_replaced_whole(text, treatment):
                return self.texts.whole(text, treatment)
            case _As.MOMENT if _MOMENT.fullmatch(text):
                return text
            case _As.VERSION if _VERSION.fullmatch(text):
                return text
            case Kind() if text in _NO_VALUE or _is_enum(text):
                return text
            case _As.TECHNICAL:
                return self.texts.technical(text)
            case _:
                return self._json_or_text(text)

    def _json_or_text(self, text: str) -> str:
        nested = _nested(text)
        if nested is None:
            return self.texts.text(text)
        return json.dumps(self._value(nested, "", _As.TEXT), separators=(",", ":"))

    def _member(self, name: str) -> str:
        known = name in _TREATMENTS or is_vocabulary(name)
        return name if known else self._placeholders.of(name, Kind.KEY)

    def _number(self, value: float, member: str) -> float:
        if member in ("lat", "lon"):
            return 0.0
        if value == 0 or member in _NUMBERS_LEFT:
            return value
        return self._placeholders.of_number(value)


def _originals(value: Any, member: str, unknown: _Treatment) -> Iterator[tuple[str, Kind]]:  # noqa: ANN401
    match value:
        case str():
            treatment = _TREATMENTS.get(member, unknown)
            if isinstance(treatment, Kind) and _is_replaced_whole(value, treatment):
                yield value, treatment
        case list():
            for entry in value:
                yield from _originals(entry, member, unknown)
        case dict():
            inner = _inside(member, unknown)
            for name, entry in value.items():
                yield from _originals(entry, name, inner)


def _inside(member: str, unknown: _Treatment) -> _Treatment:
    """Return how to redact unknown members: those of debug data are technical text."""
    return _As.TEXT if member == "debugData" else unknown


def _is_replaced_whole(text: str, kind: Kind) -> bool:
    """Return whether one placeholder replaces a text: not in a URL, in JSON, or in an enum."""
    if text in _NO_VALUE or "://" in text or _nested(text) is not None:
        return False
    return kind not in (Kind.TEXT, Kind.STATE) or not _is_enum(text)


def _is_enum(text: str) -> bool:
    return _ENUM.fullmatch(text) is not None and is_vocabulary(text)


def _nested(text: str) -> Any:  # noqa: ANN401 - any JSON value
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


_WITHHELD = b"(withheld: what is not JSON cannot be redacted) "


class Redactor:
    """Redacts the records of one export, with the same placeholders in all of them."""

    def __init__(self) -> None:
        self._placeholders = Placeholders()

    def exported(self, record: Record, attempts: Sequence[Attempt] = ()) -> JsonObject:
        """Return the redacted JSON line of a record. A note replaces a body that is not JSON."""
        body, texts = self._body(record.request.body)
        length = len(record.request.body)
        note = (_WITHHELD * (length // len(_WITHHELD) + 1))[:length]
        request = replace(
            record.request,
            method=texts.technical(record.request.method),
            path=texts.text(record.request.path),
            headers=self._headers(record.request.headers, body or record.request.body, texts),
            body=note if body is None else body,
        )
        reason = None if record.reason is None else texts.text(record.reason)
        return {
            **exported(replace(record, request=request, reason=reason)),
            "attempts": [self._attempt(attempt, texts) for attempt in attempts],
            "redacted": True,
            "body_withheld": body is None,
        }

    def _body(self, body: bytes) -> tuple[bytes | None, TextRedactor]:
        if not body:
            return body, TextRedactor(self._placeholders)
        try:
            payload = payload_of(body)
            redactor = _JsonRedactor(self._placeholders, payload)
            return body_of(redactor.redacted), redactor.texts
        except (NotADelivery, RecursionError):
            return None, TextRedactor(self._placeholders)

    def _headers(self, headers: HeaderPairs, body: bytes, texts: TextRedactor) -> HeaderPairs:
        redacted = []
        for name, value in headers:
            shown = name.decode("latin-1")
            if value == HIDDEN or may_carry_credential(shown):
                continue
            is_length = shown.lower() == "content-length"
            text = str(len(body)) if is_length else texts.text(value.decode("latin-1"))
            if not all(map(is_vocabulary, shown.split("-"))):
                shown = self._placeholders.of(shown, Kind.HEADER)
            redacted.append((shown.encode(), text.encode("latin-1")))
        return tuple(redacted)

    def _attempt(self, attempt: Attempt, texts: TextRedactor) -> JsonObject:
        bare = replace(
            attempt,
            target=texts.text(attempt.target),
            fault=None if attempt.fault is None else texts.text(attempt.fault),
            reason=None if attempt.reason is None else texts.text(attempt.reason),
            answer=b"",
            answer_type=None,
        )
        return {**exported_attempt(bare), "answer_withheld": attempt.answer != b""}
