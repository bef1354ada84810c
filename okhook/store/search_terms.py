"""What a search finds a record by: its words, and the tags of its kind and event types."""

from collections.abc import Iterator
from typing import Any

from okhook.store.duplicates import hash_of
from okhook.wire.delivery import Delivery, delivery_of
from okhook.wire.payload import NotADelivery, payload_of


def is_about(delivery: Delivery, user: str) -> bool:
    """Return whether an actor or target has this login (in any case) or exactly this id."""
    parties = (party for event in delivery.events for party in (event.actor, *event.targets))
    return any(
        party.id == user or (party.alternate_id or "").casefold() == user.casefold()
        for party in parties
        if party is not None
    )


def indexed(kind: str, body: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Return the tags of a record's kind and event types, its words, and its event types."""
    try:
        payload = payload_of(body)
    except NotADelivery:
        payload = body.decode("utf-8", "replace")
    try:
        events = delivery_of(payload).events
    except NotADelivery:
        events = ()
    event_types = tuple(dict.fromkeys(event.event_type for event in events))
    tags = [kind_tag(kind), *map(event_tag, event_types)]
    return " ".join(tags), "\n".join(_values(payload)), event_types


def kind_tag(kind: str) -> str:
    """Return the tag of a kind of record."""
    return f"k{kind}"


def event_tag(event_type: str) -> str:
    """Return the tag of an event type: one word, whatever characters the type has."""
    return f"t{hash_of(event_type) & (1 << 64) - 1:016x}"


def _values(payload: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    waiting = [payload]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value.encode("utf-8", "replace").decode()
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif value is not None and not isinstance(value, bool):
            yield str(value)
