"""The tables that both kinds of store have, for a copy of one in the other."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from okhook.store.rows import ATTEMPT_COLUMNS, INSERTED, Row

_FROM_OUTSIDE: Final = {
    "record": ("path", "reason"),
    "attempt": ("fault", "reason", "answer_type"),
    "event_type": ("name",),
    "arrival": ("event_type",),
    "copy": ("source",),
}
"""The columns with text from outside."""

_BOOLEANS: Final = ("has_old", "is_complete")

_Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and its columns; the first ``keys`` of them are its key."""

    name: str
    columns: tuple[str, ...]
    keys: int = 1

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the key."""
        return self.columns[: self.keys]

    def converted(self, rows: Iterable[Row], text: _Convert, boolean: _Convert) -> Iterator[Row]:
        """Yield rows with their text from outside and their booleans in another form."""
        outside = _FROM_OUTSIDE.get(self.name, ())
        converters = [
            text if name in outside else boolean if name in _BOOLEANS else None
            for name in self.columns
        ]
        for row in rows:
            yield tuple(
                value if convert is None or value is None else convert(value)
                for value, convert in zip(row, converters, strict=True)
            )


def _table(name: str, columns: str, keys: int = 1) -> Table:
    return Table(name, tuple(columns.split(", ")), keys)


RECORDS: Final = _table("record", f"seq, {INSERTED}")
ATTEMPTS: Final = _table("attempt", f"id, {ATTEMPT_COLUMNS}")
ARRIVALS: Final = _table("arrival", "hour, kind, event_type, count", keys=3)
COPY: Final = _table("copy", "source, up_to, is_complete")

STATE: Final = (
    _table("receiver", "id, name"),
    _table("target", "id, url, since_seq, cursor, receiver_id, has_old"),
    _table("forward", "seq, target_id, state, attempts, next_at_us", keys=2),
    _table("seen", "hash, seq", keys=2),
    _table("duplicate", "seq, first_seq"),
    _table("commit_time", "seq, us"),
    _table("event_type", "name"),
)
"""What changes, or has no order: it is copied as a whole each time."""
