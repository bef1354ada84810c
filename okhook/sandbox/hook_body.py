"""Read an event hook from the body of a create or a replace, and check it as Okta would."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from okhook.sandbox.refusals import Validation
from okhook.sandbox.state import Json
from okhook.secret import Secret
from okhook.text import is_header_name
from okhook.wire.event_types import is_eligible
from okhook.wire.org import is_loopback

MAX_EVENT_TYPES = 300
"""Okta's limit of event types in a hook."""

STATUSES = ("ACTIVE", "INACTIVE")

_LONGEST_NAME = 255
_LONGEST_URI = 2048
_LONGEST_VALUE = 4096
_RESERVED_HEADERS = frozenset(
    {"connection", "content-length", "content-type", "host", "transfer-encoding"}
)
_CONFIG = "channel.config"


class Channel(NamedTuple):
    """Where a hook's calls go: the API's object, and the secret, which no answer contains.

    The secret is None if the hook has none or a restart of the sandbox lost it.
    """

    shown: Json
    secret: Secret | None


class HookDraft(NamedTuple):
    """The part of a hook that a client chooses, as the API shows it; a create has no status."""

    name: str
    description: str | None
    events: Json
    channel: Channel
    status: str | None = None


def read_hook(body: Json, replaced: Channel | None = None) -> HookDraft:
    """Return the hook in ``body``; raise ``ApiRefusal`` with a cause for each fault.

    A client that sends an answer of the API back has no secret to send: a replace with the same
    header and no value keeps the secret of the ``replaced`` channel.
    """
    check = Validation("eventHook")
    name = check.text(body, "name", longest=_LONGEST_NAME)
    description = check.optional_text(body, "description")
    events = _events(check.object(body, "events"), check)
    channel = _channel(check.object(body, "channel"), replaced, check)
    status = None if replaced is None else check.choice(body, "status", STATUSES)
    check.refuse_if_any()
    return HookDraft(name, description, events, channel, status)


def _events(events: Json | None, check: Validation) -> Json:
    if events is None:
        return {}
    items = _event_types(events, check)
    filters = _filters(events, items, check) if events.get("filter") is not None else []
    return shown_events(items, filters)


def shown_events(items: list[str], filters: Iterable[tuple[str, str]]) -> Json:
    """Return the event types of a hook, and their filters, as the API shows them."""
    entries = [
        {"event": event, "condition": {"version": None, "expression": expression}}
        for event, expression in filters
    ]
    shown = {"type": "EXPRESSION_LANGUAGE", "eventFilterMap": entries} if entries else None
    return {"type": "EVENT_TYPE", "items": items, "filter": shown}


def shown_channel(uri: str, headers: Iterable[tuple[str, str]], auth_key: str | None) -> Json:
    """Return a channel as the API shows it; the header ``auth_key`` carries the secret."""
    config = {
        "uri": uri,
        "headers": [{"key": key, "value": value} for key, value in headers],
        "method": "POST",
        "authScheme": None if auth_key is None else {"type": "HEADER", "key": auth_key},
    }
    return {"type": "HTTP", "version": "1.0.0", "config": config}


def _event_types(events: Json, check: Validation) -> list[str]:
    """Return the event types, each once, in reverse alphabetical order.

    Okta's order is neither the order sent nor the alphabetical one: no client can rely on it.
    """
    path = "events.items"
    check.constant(events, "events.type", "EVENT_TYPE")
    items: Any = events.get("items")
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        check.add(path, "must be an array of event types")
        return []
    if not items:
        check.add(path, "must not be empty")
    unique = sorted(set(items), reverse=True)
    if len(unique) > MAX_EVENT_TYPES:
        check.add(path, f"must not have more than {MAX_EVENT_TYPES} event types")
    for item in unique:
        if not is_eligible(item):
            shown = item.encode("utf-8", "replace").decode()[:200]
            check.add(path, f"{shown} is not eligible for event hooks")
    return unique


def _filters(events: Json, items: list[str], check: Validation) -> list[tuple[str, str]]:
    path = "events.filter.eventFilterMap"
    filters = []
    for entry in check.objects(check.object(events, "events.filter") or {}, path):
        event = check.text(entry, f"{path}.event")
        condition = check.object(entry, f"{path}.condition") or {}
        expression = check.text(condition, f"{path}.condition.expression", longest=_LONGEST_VALUE)
        if event and event not in items:
            check.add(f"{path}.event", f"{event} is not in events.items")
        filters.append((event, expression))
    return filters


def _channel(channel: Json | None, replaced: Channel | None, check: Validation) -> Channel:
    if channel is None:
        return Channel({}, None)
    check.constant(channel, "channel.type", "HTTP")
    check.constant(channel, "channel.version", "1.0.0")
    config = check.object(channel, _CONFIG)
    if config is None:
        return Channel({}, None)
    uri, headers = _uri(config, check), _headers(config, check)
    auth_key, secret = _auth(config, replaced, check)
    return Channel(shown_channel(uri, headers, auth_key), secret)


def _uri(config: Json, check: Validation) -> str:
    path = f"{_CONFIG}.uri"
    uri = check.text(config, path, longest=_LONGEST_URI)
    if not uri:
        return ""
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        check.add(path, "must be a URL of printable ASCII characters without spaces")
        return ""
    try:
        parts = urlsplit(uri)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        check.add(path, "is not a URL")
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or not has_port:
        check.add(path, "must be an https URL with a host")
    elif parts.username is not None or parts.password is not None:
        check.add(path, "must not contain a user name or a password")
    elif parts.scheme == "http" and not is_loopback(parts.hostname):
        check.add(path, "must be https; the sandbox also takes http on loopback")
    return uri


def _headers(config: Json, check: Validation) -> list[tuple[str, str]]:
    path = f"{_CONFIG}.headers"
    headers = []
    for entry in check.objects(config, path):
        key = check.text(entry, f"{path}.key", longest=_LONGEST_NAME)
        value = check.text(entry, f"{path}.value", longest=_LONGEST_VALUE)
        _check_header(key, value, path, check)
        headers.append((key, value))
    return headers


def _auth(
    config: Json, replaced: Channel | None, check: Validation
) -> tuple[str | None, Secret | None]:
    """Return the header that carries the hook's secret, and the secret."""
    if config.get("authScheme") is None:
        return None, None
    path = f"{_CONFIG}.authScheme"
    sent = check.object(config, path) or {}
    check.constant(sent, f"{path}.type", "HEADER")
    key = check.text(sent, f"{path}.key", longest=_LONGEST_NAME)
    before = replaced.shown["config"]["authScheme"] if replaced else None
    if sent.get("value") is None and before and before["key"].lower() == key.lower():
        return key, replaced.secret if replaced else None
    value = check.text(sent, f"{path}.value", longest=_LONGEST_VALUE)
    _check_header(key, value, path, check)
    return key, Secret(value) if value else None


def _check_header(key: str, value: str, path: str, check: Validation) -> None:
    """Check a header; no cause repeats its value, which may be a secret."""
    if key and not is_header_name(key):
        check.add(f"{path}.key", "is not the name of a header")
    if key.lower() in _RESERVED_HEADERS:
        check.add(f"{path}.key", f"{key} cannot be set")
    if value and not (value.isascii() and value.isprintable() and value == value.strip()):
        check.add(f"{path}.value", "must be printable ASCII without spaces at its ends")
