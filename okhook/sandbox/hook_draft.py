"""Read an event hook from the body of a create or a replace, and check it as Okta would."""

from typing import Any
from urllib.parse import urlsplit

from okhook.sandbox.hooks import (
    MAX_EVENT_TYPES,
    AuthScheme,
    Channel,
    EventFilter,
    HookDraft,
)
from okhook.sandbox.json_fields import Faults, JsonObject
from okhook.secret import Secret
from okhook.wire.event_types import is_eligible
from okhook.wire.org import is_loopback

_LONGEST_NAME = 255
_LONGEST_URI = 2048
_LONGEST_VALUE = 4096
_RESERVED_HEADERS = frozenset(
    {"connection", "content-length", "content-type", "host", "transfer-encoding"}
)
_TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~"  # noqa: S105 - what a header name is made of (RFC 9110: token)


def hook_draft(body: JsonObject, replaced: HookDraft | None = None) -> HookDraft:
    """Return the hook that ``body`` describes.

    No answer of the API holds the secret, so a replace that names the same header without a value
    keeps the one that is registered in ``replaced``.

    Raises:
        ApiRefusal: something in it cannot be meant; the causes name each of them.

    """
    faults = Faults("eventHook")
    name = faults.text(body, "name", "name", longest=_LONGEST_NAME)
    description = faults.optional_text(body, "description", "description")
    events = faults.object(body, "events", "events")
    items = _event_types(events, faults)
    filters = _filters(events, items, faults)
    channel = _channel(body, replaced.channel if replaced else None, faults)
    faults.refuse_if_any()
    return HookDraft(name, description, items, filters, channel)


def _event_types(events: JsonObject, faults: Faults) -> tuple[str, ...]:
    """Return the event types, each once. Okta has an order of its own: clients cannot rely on it.

    In Okta's examples it is neither the order sent nor the alphabetical one; here it is the
    alphabetical one reversed.
    """
    if not events:
        return ()
    faults.constant(events, "type", "events.type", "EVENT_TYPE")
    items: Any = events.get("items")
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        faults.add("events.items", "must be an array of event types")
        return ()
    if not items:
        faults.add("events.items", "must not be empty")
    unique = sorted(set(items), reverse=True)
    if len(unique) > MAX_EVENT_TYPES:
        faults.add("events.items", f"must not have more than {MAX_EVENT_TYPES} event types")
    for item in unique:
        if not is_eligible(item):
            shown = item.encode("utf-8", "replace").decode()[:200]
            faults.add("events.items", f"{shown} is not eligible for event hooks")
    return tuple(unique)


def _filters(events: JsonObject, items: tuple[str, ...], faults: Faults) -> tuple[EventFilter, ...]:
    if events.get("filter") is None:
        return ()
    where = "events.filter"
    chosen = faults.object(events, "filter", where)
    filters = []
    for entry in faults.objects(chosen, "eventFilterMap", f"{where}.eventFilterMap"):
        event = faults.text(entry, "event", f"{where}.eventFilterMap.event")
        condition = faults.object(entry, "condition", f"{where}.eventFilterMap.condition")
        expression = faults.text(
            condition,
            "expression",
            f"{where}.eventFilterMap.condition.expression",
            longest=_LONGEST_VALUE,
        )
        if event and event not in items:
            faults.add(f"{where}.eventFilterMap.event", f"{event} is not in events.items")
        filters.append(EventFilter(event, expression))
    return tuple(filters)


def _channel(body: JsonObject, replaced: Channel | None, faults: Faults) -> Channel:
    channel = faults.object(body, "channel", "channel")
    if not channel:
        return Channel("", (), None)
    faults.constant(channel, "type", "channel.type", "HTTP")
    faults.constant(channel, "version", "channel.version", "1.0.0")
    config = faults.object(channel, "config", "channel.config")
    return Channel(
        uri=_uri(config, faults),
        headers=_headers(config, faults),
        auth=_auth(config, replaced.auth if replaced else None, faults),
    )


def _uri(config: JsonObject, faults: Faults) -> str:
    where = "channel.config.uri"
    uri = faults.text(config, "uri", where, longest=_LONGEST_URI)
    if not uri:
        return ""
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        faults.add(where, "must be a URL of printable ASCII characters without blanks")
        return ""
    try:
        parts = urlsplit(uri)
        port_is_there = parts.port is None or parts.port > 0
    except ValueError:
        faults.add(where, "is not a URL")
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_there:
        faults.add(where, "must be an https URL with a host")
    elif parts.username is not None or parts.password is not None:
        faults.add(where, "must not hold a user name or a password")
    elif parts.scheme == "http" and not is_loopback(parts.hostname):
        faults.add(where, "must be https; http is for loopback alone, and for the sandbox alone")
    return uri


def _headers(config: JsonObject, faults: Faults) -> tuple[tuple[str, str], ...]:
    where = "channel.config.headers"
    headers = []
    for entry in faults.objects(config, "headers", where):
        key = faults.text(entry, "key", f"{where}.key", longest=_LONGEST_NAME)
        value = faults.text(entry, "value", f"{where}.value", longest=_LONGEST_VALUE)
        _check_header(key, value, where, faults)
        headers.append((key, value))
    return tuple(headers)


def _auth(config: JsonObject, replaced: AuthScheme | None, faults: Faults) -> AuthScheme | None:
    if config.get("authScheme") is None:
        return None
    where = "channel.config.authScheme"
    scheme = faults.object(config, "authScheme", where)
    faults.constant(scheme, "type", f"{where}.type", "HEADER")
    key = faults.text(scheme, "key", f"{where}.key", longest=_LONGEST_NAME).lower()
    if scheme.get("value") is None and replaced is not None and replaced.key == key:
        return replaced
    value = faults.text(scheme, "value", f"{where}.value", longest=_LONGEST_VALUE)
    _check_header(key, value, where, faults)
    return AuthScheme(key, Secret(value)) if value else None


def _check_header(key: str, value: str, where: str, faults: Faults) -> None:
    """Note what no header can carry; the value may be a secret and is not repeated."""
    if key and not (key.isascii() and all(c.isalnum() or c in _TOKEN_CHARACTERS for c in key)):
        faults.add(f"{where}.key", "is not the name of a header")
    if key.lower() in _RESERVED_HEADERS:
        faults.add(f"{where}.key", f"{key} cannot be set")
    if value and not (value.isascii() and value.isprintable() and value == value.strip()):
        faults.add(f"{where}.value", "must be printable ASCII without blanks at its ends")
