"""What a record can be found by: the words of its payload, and tags for what it is."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from okhook.store.recognition import hash_of
from okhook.wire.delivery import delivery_of
from okhook.wire.payload import NotADelivery, payload_of

_PAGES_AT_ONCE = 200
_CHANGES_OF_A_STEP = 2
"""SQLite's documentation of FTS5: a merge that changes less than two rows had nothing to do."""


def index(connection: sqlite3.Connection, seq: int, kind: str, body: bytes) -> None:
    """Make the record ``seq`` findable."""
    payload = _payload(body)
    event_types = _event_types(payload)
    connection.execute(
        "INSERT INTO word (rowid, tags, words) VALUES (?, ?, ?)",
        (seq, *_texts(kind, payload, event_types)),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO event_type (name) VALUES (?)", [(name,) for name in event_types]
    )


def forget(connection: sqlite3.Connection, seq: int, kind: str, body: bytes) -> None:
    """Take a record that is being pruned out of the index, which must be told its texts again."""
    payload = _payload(body)
    connection.execute(
        "INSERT INTO word (word, rowid, tags, words) VALUES ('delete', ?, ?, ?)",
        (seq, *_texts(kind, payload, _event_types(payload))),
    )


def merge(connection: sqlite3.Connection) -> Iterator[None]:
    """Bring the index together, step by step, so that what was forgotten takes no room in it."""
    pages = -_PAGES_AT_ONCE
    while True:
        before = connection.total_changes
        connection.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (pages,))
        if connection.total_changes - before < _CHANGES_OF_A_STEP:
            return
        pages = _PAGES_AT_ONCE
        yield


def kind_tag(kind: str) -> str:
    """Return the tag of a kind of record."""
    return f"k{kind}"


def event_tag(event_type: str) -> str:
    """Return the tag of an event type: one word, whatever the type is made of."""
    return f"t{hash_of(event_type) & (1 << 64) - 1:016x}"


def phrase(text: str) -> str:
    """Return ``text`` as a phrase of SQLite's query language: its words, in a row."""
    quoted = text.replace("\0", " ").replace('"', '""')
    return f'"{quoted}"'


def _payload(body: bytes) -> object:
    """Return the payload, or the whole body as one text where it is not JSON."""
    try:
        return payload_of(body)
    except NotADelivery:
        return body.decode("utf-8", "replace")


def _event_types(payload: object) -> list[str]:
    """Return the event types of a payload, each once; none where it is no delivery."""
    try:
        delivery = delivery_of(payload)
    except NotADelivery:
        return []
    return list(dict.fromkeys(event.event_type for event in delivery.events))


def _texts(kind: str, payload: object, event_types: Iterable[str]) -> tuple[str, str]:
    """Return tags and words; the names of members, which are in every payload, are no words."""
    tags = [kind_tag(kind), *(event_tag(event_type) for event_type in event_types)]
    return " ".join(tags), "\n".join(_values(payload))


def _values(payload: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield strings and numbers in their order, however deeply they are nested."""
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
