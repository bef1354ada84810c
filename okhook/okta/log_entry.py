"""A System Log entry, and the form of the same entry in a hook's delivery.

The log has ``request.ipChain``. A delivery has ``client.ipChain`` and no ``request``; ``device``
and ``insertionTimestamp`` are null and ``client.zone`` is the *string* "null" (Okta's guide "Event
hooks with Hookdeck").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from okhook.okta.answers import UnexpectedAnswer, as_object, as_text, text_of, wrong_type

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry. ``published`` is aware UTC; ``raw`` is Okta's object.

    ``hook_ids`` are the hooks that the org chose for the event (``targetEventHookIds``); None if
    the entry has no such field.
    """

    uuid: str
    event_type: str
    published: datetime
    hook_ids: tuple[str, ...] | None
    raw: Mapping[str, Any]

    @property
    def outcome(self) -> str | None:
        """``SUCCESS``, ``FAILURE`` …, if the entry states it."""
        return _text_in(self.raw.get("outcome"), "result")

    @property
    def reason(self) -> str | None:
        """Why it failed, in the org's words, if the entry states it."""
        return _text_in(self.raw.get("outcome"), "reason")

    @property
    def target_ids(self) -> tuple[str, ...]:
        """The ids of the entry's targets."""
        targets = self.raw.get("target")
        if not isinstance(targets, list):
            return ()
        ids = (_text_in(target, "id") for target in targets)
        return tuple(each for each in ids if each is not None)


def read_log_entry(value: object) -> LogEntry:
    """Read Okta's object; raise UnexpectedAnswer if it is not a log entry."""
    entry = as_object(value, "a System Log entry")
    uuid, event_type = text_of(entry, "uuid"), text_of(entry, "eventType")
    if not uuid or not event_type:
        raise wrong_type("eventType" if uuid else "uuid", "a string", "")
    return LogEntry(
        uuid=uuid,
        event_type=event_type,
        published=_moment(entry.get("published")),
        hook_ids=_hook_ids(entry),
        raw=entry,
    )


def hook_event(entry: Mapping[str, Any]) -> JsonObject:
    """Return a System Log entry in the form of a hook's delivery.

    Without ``request.ipChain``, ``client.ipChain`` stays.
    """
    event: JsonObject = {name: value for name, value in entry.items() if name != "request"}
    client = entry.get("client")
    request = entry.get("request")
    ip_chain = request.get("ipChain") if isinstance(request, dict) else None
    if isinstance(client, dict):
        zone = client.get("zone")
        event["client"] = {
            **client,
            "zone": "null" if zone is None else zone,
            "ipChain": ip_chain or client.get("ipChain") or [],
        }
    return {**event, "device": None, "insertionTimestamp": None}


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise wrong_type("published", "a time", value)
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UnexpectedAnswer("the org's answer is invalid: published is not a time") from None


def _hook_ids(entry: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the ids in ``debugContext.debugData.targetEventHookIds``, separated by commas."""
    context = entry.get("debugContext")
    data = context.get("debugData") if isinstance(context, dict) else None
    text = _text_in(data, "targetEventHookIds")
    if text is None:
        return None
    return tuple(each for part in text.split(",") if (each := part.strip()))


def _text_in(value: object, key: str) -> str | None:
    text = value.get(key) if isinstance(value, dict) else None
    return as_text(text, key) if isinstance(text, str) else None
