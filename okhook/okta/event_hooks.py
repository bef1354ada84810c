"""Event hooks: as the user wants them, and as the org has them."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from okhook.json_form import JsonObject
from okhook.okta.answers import (
    as_array,
    as_object,
    as_text,
    id_of,
    object_without_secrets,
    text_of,
)
from okhook.secret import HookAuth, Secret
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from okhook.wire.url import without_credentials

HeaderPairs = tuple[tuple[str, str], ...]

MOST_ACTIVE = 25
"""An org can have this many active event hooks."""

CHANNEL_PARTS = frozenset({"url", "headers", "auth field", "secret"})
"""The parts, as :func:`differences` names them, whose change makes a hook unverified."""


@dataclass(frozen=True, slots=True)
class WantedHook:
    """The event hook as the user wants it.

    ``description`` None keeps the present one. ``filters`` has pairs of an event type and an
    expression in Okta's Expression Language. With ``keeps_events``, an existing hook keeps its
    event types beside ``events``, and its filters unless there are others.
    """

    name: str
    url: str
    events: tuple[str, ...]
    description: str | None = None
    headers: HeaderPairs = ()
    auth: HookAuth | None = None
    filters: HeaderPairs = ()
    keeps_events: bool = False

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The values to redact if an answer repeats them."""
        return (self.auth.secret,) if self.auth else ()


@dataclass(frozen=True, slots=True)
class EventHook:
    """The event hook as the org has it. ``raw`` has no secret."""

    id: str
    name: str
    description: str | None
    status: str
    verification_status: str
    last_updated: str | None
    events: frozenset[str]
    filters: frozenset[tuple[str, str]]
    url: str
    headers: HeaderPairs
    auth_field: str | None
    raw: Mapping[str, Any]

    def to_json(self) -> JsonObject:
        """Return Okta's object."""
        return dict(self.raw)

    @property
    def shown_url(self) -> str:
        """The URL for people, without credentials in its query."""
        return without_credentials(self.url)

    @property
    def is_active(self) -> bool:
        """Whether the hook is active; the org delivers to it once it is verified."""
        return self.status == "ACTIVE"

    @property
    def is_verified(self) -> bool:
        """Whether the org has verified the hook's URL."""
        return self.verification_status == "VERIFIED"

    @property
    def receives(self) -> bool:
        """Whether the org delivers to the hook."""
        return self.is_active and self.is_verified


def with_events_of(wanted: WantedHook, existing: EventHook | None) -> WantedHook:
    """Return the definition with all its event types and filters, also those that it keeps."""
    if not wanted.keeps_events:
        return wanted
    if existing is None:
        return replace(wanted, events=wanted.events or (DEFAULT_EVENT_TYPE,))
    kept = sorted(existing.events.difference(wanted.events))
    filters = wanted.filters or tuple(sorted(existing.filters))
    return replace(wanted, events=(*wanted.events, *kept), filters=filters)


def body_of(wanted: WantedHook, *, description: str | None) -> JsonObject:
    """Return the body that creates or replaces the hook."""
    config: JsonObject = {
        "uri": wanted.url,
        "headers": [{"key": key, "value": value} for key, value in wanted.headers],
    }
    if wanted.auth is not None:
        field, secret = wanted.auth.header()
        config["authScheme"] = {"type": "HEADER", "key": field, "value": secret}
    events: JsonObject = {"type": "EVENT_TYPE", "items": list(wanted.events)}
    if wanted.filters:
        events["filter"] = {
            "type": "EXPRESSION_LANGUAGE",
            "eventFilterMap": [
                {"event": event_type, "condition": {"expression": expression}}
                for event_type, expression in wanted.filters
            ],
        }
    body: JsonObject = {
        "name": wanted.name,
        "events": events,
        "channel": {"type": "HTTP", "version": "1.0.0", "config": config},
    }
    if description:
        body["description"] = description
    return body


def differences(wanted: WantedHook, existing: EventHook) -> tuple[str, ...]:
    """Return the names of the parts that differ; Okta never shows the secret.

    The order of events and headers does not matter, nor does the case of a header's name.
    """
    auth_field = wanted.auth.field.lower() if wanted.auth else None
    existing_field = existing.auth_field.lower() if existing.auth_field else None
    keeps_description = wanted.description in (None, existing.description or "")
    pairs = (
        ("name", wanted.name == existing.name),
        ("description", keeps_description),
        ("url", wanted.url == existing.url),
        ("events", set(wanted.events) == existing.events),
        ("filters", set(wanted.filters) == existing.filters),
        ("headers", _caseless(wanted.headers) == _caseless(existing.headers)),
        ("auth field", auth_field == existing_field),
    )
    return tuple(name for name, same in pairs if not same)


def read_event_hook(value: object, secrets: tuple[Secret, ...] = ()) -> EventHook:
    """Read and check Okta's object, and redact ``secrets`` in ``raw``."""
    hook = as_object(value, "the event hook")
    events = as_object(hook.get("events"), "events")
    items = as_array(events.get("items"), "events.items")
    channel = as_object(hook.get("channel"), "channel")
    config = as_object(channel.get("config"), "channel.config")
    auth_scheme = config.get("authScheme")
    auth_scheme = as_object({} if auth_scheme is None else auth_scheme, "authScheme")
    shown = deepcopy(dict(hook))
    if isinstance(scheme := shown["channel"]["config"].get("authScheme"), dict):
        scheme.pop("value", None)
    url = text_of(config, "uri")
    shown["channel"]["config"]["uri"] = without_credentials(url)
    return EventHook(
        id=id_of(hook, "the event hook"),
        name=text_of(hook, "name"),
        description=_optional_text(hook, "description"),
        status=text_of(hook, "status"),
        verification_status=text_of(hook, "verificationStatus"),
        last_updated=_optional_text(hook, "lastUpdated"),
        events=frozenset(as_text(item, "an entry of events.items") for item in items),
        filters=frozenset(_filters(events.get("filter"))),
        url=url,
        headers=tuple(_headers(config.get("headers"))),
        auth_field=_optional_text(auth_scheme, "key") or None,
        raw=object_without_secrets(shown, secrets),
    )


def _filters(value: object) -> list[tuple[str, str]]:
    if value is None:
        return []
    found = as_object(value, "events.filter").get("eventFilterMap") or []
    pairs = []
    for each in as_array(found, "eventFilterMap"):
        entry = as_object(each, "an entry of eventFilterMap")
        condition = as_object(entry.get("condition"), "condition")
        pairs.append((text_of(entry, "event"), text_of(condition, "expression")))
    return pairs


def _headers(value: object) -> list[tuple[str, str]]:
    """Read the headers; Okta's schema allows null for the list and for an entry."""
    found = [] if value is None else as_array(value, "headers")
    entries = [as_object(entry, "an entry of headers") for entry in found if entry is not None]
    return [(text_of(entry, "key"), text_of(entry, "value")) for entry in entries]


def _caseless(headers: HeaderPairs) -> set[tuple[str, str]]:
    return {(name.lower(), value) for name, value in headers}


def _optional_text(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return None if value is None else as_text(value, key)
