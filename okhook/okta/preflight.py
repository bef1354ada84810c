"""Check a wanted hook before the org is called. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from okhook.errors import InvalidInput
from okhook.okta.event_hooks import WantedHook
from okhook.text import is_header_name, plain
from okhook.wire.event_types import is_eligible, meant
from okhook.wire.org import Org
from okhook.wire.url import host_of
from okhook.wire.webhook_url import USER_IN_URL, is_private, webhook_url_faults

MOST_EVENTS = 300
"""Event types a hook can have (Okta's limit)."""

NO_EVENTS = "the hook needs at least one event type"

_FLAGS = {
    NO_EVENTS: "name event types with --event",
    USER_IN_URL: "set the user name and the password with --basic-auth instead",
}
"""What to pass on a command line. In a file of hooks a fault has another remedy."""

_OF_THE_REQUEST = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "x-okta-verification-challenge"}
)
"""Headers that every request has, and that a custom one would break."""


@dataclass(frozen=True, slots=True)
class HookFault:
    """Why a hook cannot work. ``field`` is what has the fault, as a file of hooks calls it."""

    field: str
    what: str


def preflight(wanted: WantedHook, org: Org) -> tuple[WantedHook, tuple[str, ...]]:
    """Return the hook without repeated event types, and warnings about it.

    Raises:
        InvalidInput: it cannot work; the error lists every reason.
    """
    faults = [fault.what for fault in hook_faults(wanted)]
    if faults:
        first, *more = faults
        flags = [_FLAGS[each] for each in faults if each in _FLAGS]
        raise InvalidInput(first, why="\n".join(more) or None, next_step="\n".join(flags) or None)
    once = replace(wanted, events=tuple(dict.fromkeys(wanted.events)))
    return once, tuple(hook_warnings(wanted, org))


def hook_faults(wanted: WantedHook) -> Iterator[HookFault]:
    """Yield why a hook cannot work."""
    faults = {
        "name": _name_faults(wanted.name),
        "description": _text_faults("description", wanted.description or ""),
        "url": webhook_url_faults(wanted.url),
        "events": _event_faults(wanted),
        "headers": _header_faults(wanted),
        "secret": _secret_faults(wanted),
        "filters": _filter_faults(wanted),
    }
    for field, found in faults.items():
        yield from (HookFault(field, what) for what in found)


def _name_faults(name: str) -> Iterator[str]:
    if not name.strip():
        yield "the hook's name is empty"
    yield from _text_faults("name", name)


def _text_faults(what: str, text: str) -> Iterator[str]:
    if not text.isprintable():
        yield f"the hook's {what} contains a line break or another unprintable character"


def _event_faults(wanted: WantedHook) -> Iterator[str]:
    distinct = set(wanted.events)
    if not distinct and not wanted.keeps_events:
        yield NO_EVENTS
    if len(distinct) > MOST_EVENTS:
        yield f"a hook can have {MOST_EVENTS} event types, not {len(distinct)}"
    for event_type in sorted(distinct):
        if not event_type or not event_type.isprintable() or " " in event_type:
            yield f"{plain(event_type, limit=80) or 'an empty string'} is not an event type"


def _header_faults(wanted: WantedHook) -> Iterator[str]:
    names = [name.lower() for name, _ in wanted.headers]
    for name, value in wanted.headers:
        shown = plain(name, limit=80)
        if not is_header_name(name):
            yield f"{shown or 'an empty string'} is not a valid header name"
        elif name.lower() in _OF_THE_REQUEST:
            yield f"the header {shown} is part of the request itself and cannot be set"
        if not _is_header_value(value):
            yield f"the value of the header {shown} contains a character that a header cannot have"
    for name, count in Counter(names).items():
        if count > 1:
            yield f"the header {plain(name, limit=80)} is given {count} times"
    if wanted.auth is not None and wanted.auth.field.lower() in names:
        yield f"the header {plain(wanted.auth.field)} already carries the secret"


def is_sendable(name: str, value: str) -> bool:
    """Tell whether a request can carry a header beside its own."""
    return is_header_name(name) and name.lower() not in _OF_THE_REQUEST and _is_header_value(value)


def _secret_faults(wanted: WantedHook) -> Iterator[str]:
    if wanted.auth is None:
        return
    field, value = wanted.auth.header()
    if not is_header_name(field):
        yield f"{plain(field, limit=80) or 'an empty string'} is not a valid header name"
    elif field.lower() in _OF_THE_REQUEST:
        yield f"the header {plain(field)} is part of the request itself and cannot carry a secret"
    if not value.strip():
        yield "the secret is empty"
    elif not _is_header_value(value) or value != value.strip():
        yield "the secret contains an invalid character, or begins or ends with a space"
    elif re.fullmatch(r"(Basic )?([{<].*[}>]|your[-_ ]?secret)", value, re.IGNORECASE):
        yield "the secret is a placeholder"


def check_filters(wanted: WantedHook) -> None:
    """Raise InvalidInput if a filter cannot be one of the hook's, whose event types are known."""
    for fault in _filter_faults(replace(wanted, keeps_events=False)):
        raise InvalidInput(fault, next_step="subscribe to its event type with --event")


def _filter_faults(wanted: WantedHook) -> Iterator[str]:
    types = [event_type for event_type, _ in wanted.filters]
    for event_type, expression in wanted.filters:
        shown = plain(event_type, limit=80)
        if event_type not in wanted.events and not wanted.keeps_events:
            yield f"the filter is for {shown}, which is not one of the hook's event types"
        if not expression.strip():
            yield f"the filter for {shown} is empty"
    for event_type, count in Counter(types).items():
        if count > 1:
            yield f"{plain(event_type, limit=80)} has {count} filters; join them with &&"


def hook_warnings(wanted: WantedHook, org: Org) -> Iterator[str]:
    """Yield what may be wrong with a hook that can work."""
    for event_type, count in Counter(wanted.events).items():
        shown = plain(event_type, limit=80)
        if count > 1:
            yield f"the event type {shown} is given {count} times"
        if not is_eligible(event_type):
            near = meant(event_type)
            yield f"{shown} is not an event type that a hook can have{near and f'; {near}'}"
    if is_private(wanted.url) and not org.is_loopback:
        yield f"{org.host} cannot reach {host_of(wanted.url)}: it needs a public URL"


def _is_header_value(value: str) -> bool:
    return value.isascii() and value.isprintable()
