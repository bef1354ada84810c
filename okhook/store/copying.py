"""Copy a store into another one, of the same kind or not, with every record, attempt and cursor.

Both kinds have the same tables. Each gives and takes their rows in one form: numbers, text, bytes
and None. The word index is the one thing that differs, so the target makes its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from okhook.errors import AnswerIsNo

Row = tuple[Any, ...]


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


def _table(name: str, columns: str, keys: int = 1) -> Table:
    return Table(name, tuple(columns.split()), keys)


RECORDS: Final = _table(
    "record",
    "seq kind received_at_us method path headers body status reason auth receiver_id",
)
ATTEMPTS: Final = _table(
    "attempt",
    "id seq target purpose number began_at_us duration_us status fault reason answer answer_type",
)
ARRIVALS: Final = _table("arrival", "hour kind event_type count", keys=3)

_STATE: Final = (
    _table("receiver", "id name"),
    _table("target", "id url since_seq cursor receiver_id has_old"),
    _table("forward", "seq target_id state attempts next_at_us", keys=2),
    _table("seen", "hash seq", keys=2),
    _table("duplicate", "seq first_seq"),
    _table("commit_time", "seq us"),
    _table("event_type", "name"),
)
"""What changes, or has no order: it is copied as a whole each time."""

_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 4 << 20


@dataclass(frozen=True, slots=True)
class CopyState:
    """What a store knows of a copy into it: from where, and whether it is complete.

    ``up_to`` is the ``seq`` of its last copied record, and ``last_seq`` that of its newest record.
    """

    source: str | None
    up_to: int
    is_complete: bool
    last_seq: int


class CopySource(Protocol):
    """A store as it was when it was opened, whatever is written to it meanwhile."""

    def count(self, table: Table, after: int) -> int:
        """Return how many rows there are after the key ``after``."""

    def rows(self, table: Table, after: int | None = None) -> Iterator[Row]:
        """Yield the rows after the key ``after`` in the order of their key, or all of them."""

    def last_number(self) -> int:
        """Return the highest ``seq`` that was ever given to a record, 0 if none was."""

    def recognised(self) -> int:
        """Return up to which ``seq`` the records are checked for duplicates."""


class CopyTarget(Protocol):
    """A store that is filled. Each call is one durable transaction."""

    def state(self) -> CopyState:
        """Return what it knows of earlier copies."""

    def begin(self, source: str) -> None:
        """Note that a copy from ``source`` began: until it is complete, no receiver may use it."""

    def last_key(self, table: Table) -> int:
        """Return the last key of a table, 0 if it is empty."""

    def add(self, table: Table, rows: Sequence[Row], *, after: int) -> None:
        """Add rows after the key ``after``; raise ``StoreFailed`` if that is not the last one."""

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows, or replace those with the same keys."""

    def replace(self, table: Table, rows: Sequence[Row]) -> None:
        """Replace the whole table."""

    def resume_from(self, recognised: int) -> None:
        """Note up to which ``seq`` the records are checked for duplicates."""

    def complete(self, last_number: int) -> None:
        """Note that the copy is complete. The next record gets a ``seq`` after ``last_number``."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How much one run copied. ``resumed`` if an earlier one had begun."""

    records: int
    attempts: int
    resumed: bool


def copy_store(
    source: CopySource,
    target: CopyTarget,
    *,
    named: tuple[str, str],
    index: Callable[[], None],
    report: Callable[[int, int], None],
) -> Copied:
    """Copy ``source`` into ``target``; their places are ``named``.

    ``report`` is called with the number of records that are copied, and of those that there are.
    ``index`` makes the target's word index. A run that was killed is continued by the next one.

    Raises:
        AnswerIsNo: the target has records of its own, or of another store.
    """
    resumed = _begun(target, *named)
    records = _add_all(RECORDS, source, target, report)
    attempts = _add_all(ATTEMPTS, source, target, lambda *_: None)
    for table in _STATE:
        for batch in _batches(source.rows(table)):
            target.put(table, batch)
    target.resume_from(source.recognised())
    index()
    target.replace(ARRIVALS, list(source.rows(ARRIVALS)))  # they also count what was pruned
    target.complete(source.last_number())
    return Copied(records, attempts, resumed)


def _begun(target: CopyTarget, source: str, place: str) -> bool:
    """Note the beginning of the copy; return whether an earlier one is continued."""
    state = target.state()
    is_ours = state.source == source and state.last_seq == state.up_to
    if state.last_seq and not is_ours:
        whose = "records of its own" if state.source is None else "other records than the source"
        raise AnswerIsNo(
            f"{place} has {whose}; nothing was copied",
            why="okhook copies only into an empty store, or goes on with a copy from the same one",
            next_step="name a new file or an empty database",
        )
    target.begin(source)
    return state.source is not None


def _add_all(
    table: Table, source: CopySource, target: CopyTarget, report: Callable[[int, int], None]
) -> int:
    after = target.last_key(table)
    total, done = source.count(table, after), 0
    for batch in _batches(source.rows(table, after)):
        report(done, total)
        target.add(table, batch, after=after)
        after, done = batch[-1][0], done + len(batch)
    return done


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, bytes))
        if len(batch) >= _ROWS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
