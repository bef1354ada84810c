"""Read and check the JSON of a delivery's body."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from okhook.json_path import json_kind

CANARY_EVENT_TYPE = "okhook.canary"
"""The event type of okhook's canaries. No org sends it."""

ENVELOPE_TEXTS = ("eventId", "source")
EVENT_TEXTS = ("uuid", "published")
OUTCOME_TEXTS = ("result",)
PARTY_TEXTS = ("id", "type", "alternateId", "displayName")


class NotADelivery(ValueError):
    """The body is not a delivery; the message names the error and its place."""


def payload_of(body: bytes) -> object:
    """Return the JSON of a body, or raise ``NotADelivery``."""
    if not body:
        raise NotADelivery("the body is empty")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _payload_by_stdlib(body)


def checked_events(payload: object) -> list[Mapping[str, Any]]:
    """Return the events of a payload, or raise ``NotADelivery``. Known fields may be missing."""
    if not isinstance(payload, dict):
        raise NotADelivery(f"the body must be an object, not {json_kind(payload)}")
    _check_texts(payload, ENVELOPE_TEXTS, "")
    data = payload.get("data")
    if not isinstance(data, dict):
        raise _wrong(payload, "data", "an object", "")
    events = data.get("events")
    if not isinstance(events, list):
        raise _wrong(data, "events", "an array", "data.")
    if not events:
        raise NotADelivery("data.events is empty: a delivery has at least one event")
    for number, event in enumerate(events):
        _check_event(event, number)
    return events


def is_canary(event_types: Iterable[str]) -> bool:
    """Return whether all events are those of a canary."""
    return all(each == CANARY_EVENT_TYPE for each in event_types)


def _check_event(event: object, number: int) -> None:
    if not isinstance(event, dict):
        raise NotADelivery(f"data.events[{number}] must be an object, not {json_kind(event)}")
    where = f"data.events[{number}]."
    event_type = event.get("eventType")
    if not isinstance(event_type, str) or not event_type:
        if event_type == "" or event_type is None:
            raise NotADelivery(f"{where}eventType is missing")
        raise _wrong(event, "eventType", "a string", where)
    _check_texts(event, EVENT_TEXTS, where)
    _check_object(event, "outcome", OUTCOME_TEXTS, where)
    _check_object(event, "actor", PARTY_TEXTS, where)
    _check_targets(event, where)


def _check_targets(event: Mapping[str, Any], where: str) -> None:
    targets = event.get("target")
    if targets is None:
        return
    if not isinstance(targets, list):
        raise _wrong(event, "target", "an array", where)
    for number, target in enumerate(targets):
        if not isinstance(target, dict):
            raise NotADelivery(
                f"{where}target[{number}] must be an object, not {json_kind(target)}"
            )
        _check_texts(target, PARTY_TEXTS, f"{where}target[{number}].")


def _check_object(entry: Mapping[str, Any], key: str, texts: tuple[str, ...], where: str) -> None:
    value = entry.get(key)
    if value is None:
        return
    if not isinstance(value, dict):
        raise _wrong(entry, key, "an object", where)
    _check_texts(value, texts, f"{where}{key}.")


def _check_texts(entry: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in keys:
        value = entry.get(key)
        if value is not None and not isinstance(value, str):
            raise _wrong(entry, key, "a string", where)


def _wrong(entry: Mapping[str, Any], key: str, needed: str, where: str) -> NotADelivery:
    if key not in entry:
        return NotADelivery(f"{where}{key} is missing")
    return NotADelivery(f"{where}{key} must be {needed}, not {json_kind(entry[key])}")


def _payload_by_stdlib(body: bytes) -> object:
    """Read what orjson does not support: a byte order mark, half a surrogate pair, deep nesting."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise NotADelivery(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise NotADelivery("the body is nested too deeply") from None
    except ValueError as error:
        raise NotADelivery(f"the body is not JSON: {error}") from None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a JSON value")
