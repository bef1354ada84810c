"""Redact records, so that they can be shared: placeholders replace names, ids and unknown words.

Headers that may carry a credential, and the answers of apps, are removed.
"""

from collections.abc import Sequence
from dataclasses import replace

from okhook.export.format import exported, exported_attempt
from okhook.export.placeholders import Kind, Placeholders
from okhook.export.redacted_json import JsonRedactor
from okhook.export.redacted_text import TextRedactor, is_vocabulary
from okhook.json_form import JsonObject
from okhook.records.attempt import Attempt
from okhook.records.record import Record
from okhook.secret import HIDDEN, may_carry_credential
from okhook.wire.delivery import HeaderPairs, body_of
from okhook.wire.payload import NotADelivery, payload_of

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
            redactor = JsonRedactor(self._placeholders, payload)
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
