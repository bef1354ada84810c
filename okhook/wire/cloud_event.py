"""A CloudEvents 1.0 message: a view of one System Log entry in a delivery.

Attributes that a CloudEvents receiver would reject are replaced or left out. ``data`` always has
the whole entry. Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from okhook.json_path import strict_json
from okhook.wire.delivery import body_of
from okhook.wire.payload import NotADelivery, checked_events

CONTENT_TYPE: Final = "application/cloudevents+json; charset=UTF-8"
"""The content type of :attr:`CloudEvent.body`: CloudEvents calls it structured mode."""

TYPE_PREFIX: Final = "com.okta."

_UNKNOWN_TYPE = "unknown"
"""Replaces an event type that is empty, too long, or has characters that CloudEvents forbids."""

_LONGEST = 1024
"""The longest attribute, in characters. A receiver may keep them in headers or in an index."""

_ID = re.compile(r"[!-~]{1,200}")
"""An id that is also valid as a header: visible ASCII."""

_NO_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)
"""What a CloudEvents string must not contain: controls, half surrogate pairs, noncharacters."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""RFC 3339."""

_HTTP_URL = re.compile(
    r"https?://[\w.~-]+(?::\d{1,5})?(?:[/?](?:[\w.~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?", re.ASCII
)
"""A URL by RFC 3986, with a host name and without a user or a fragment."""

_LARGEST_INTEGER = 2**31 - 1
"""The largest Integer of CloudEvents."""


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event, as CloudEvents names its parts. ``subject`` and ``time`` may be unknown.

    ``id`` is visible ASCII. ``delivery`` is the delivery's ``eventId``, ``seq`` okhook's number.
    ``marks`` are extensions that are true.
    """

    id: str
    source: str
    type: str
    subject: str | None
    time: str | None
    delivery: str | None
    seq: int | None
    marks: tuple[str, ...]
    data: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        """The event as JSON. Raises RecursionError if ``data`` is nested too deeply."""
        attributes = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "okhookdelivery": self.delivery,
            "okhookseq": self.seq,
            **dict.fromkeys(self.marks, True),
        }
        known = {name: value for name, value in attributes.items() if value is not None}
        return body_of({**known, "data": self.data})


def cloud_events_in(
    body: bytes, *, seq: int, receiver: str | None, marks: tuple[str, ...] = ()
) -> tuple[CloudEvent, ...]:
    """Return the events of a delivery; ``receiver`` is the name of the one that received it.

    ``marks`` are names for CloudEvents extensions: up to 20 lower-case letters and digits.

    The same body has the same ids. An event without a usable uuid gets an id from the body and its
    place in it, so that two stores never give one id to two events.

    Raises:
        NotADelivery: there are no events.
    """
    try:
        payload = strict_json(body)
    except ValueError as error:
        raise NotADelivery(f"the body is not JSON: {error}") from None
    entries = checked_events(payload)
    envelope: Mapping[str, Any] = payload if isinstance(payload, dict) else {}
    return tuple(
        CloudEvent(
            id=_id(entry.get("uuid")) or f"{sha256(body).hexdigest()[:32]}-{place}",
            source=_source(envelope.get("source"), receiver),
            type=TYPE_PREFIX + (_text(entry["eventType"]) or _UNKNOWN_TYPE),
            subject=next((_text(target.get("id")) for target in entry.get("target") or ()), None),
            time=_time(entry.get("published")),
            delivery=_text(envelope.get("eventId")),
            seq=seq if seq <= _LARGEST_INTEGER else None,
            marks=marks,
            data=entry,
        )
        for place, entry in enumerate(entries)
    )


def _source(given: str | None, receiver: str | None) -> str:
    """Return the hook's URL at Okta, which a delivery names and no tunnel changes.

    Without one it is the receiver's name as a relative reference.
    """
    if given is not None and len(given) <= _LONGEST and _HTTP_URL.fullmatch(given):
        return given
    return f"/okhook/{quote(receiver or '', errors='replace')}"


def _id(uuid: str | None) -> str | None:
    return uuid if uuid is not None and _ID.fullmatch(uuid) else None


def _text(value: str | None) -> str | None:
    """Return a text that is valid as a CloudEvents string, None if it is not."""
    if not value or len(value) > _LONGEST or _NO_TEXT.search(value):
        return None
    return value


def _time(published: str | None) -> str | None:
    if published is None or not _TIME.fullmatch(published):
        return None
    try:
        datetime.fromisoformat(published)
    except ValueError:
        return None
    return published
