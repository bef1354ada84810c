"""Pruning: the oldest records go, and with them all that was derived from them.

In steps of a few records, each a transaction, so that a receiver that runs goes on meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, final

from okhook.quantities import Keep, KeepAge, KeepCount, KeepSize
from okhook.store import recognition, words
from okhook.store.connecting import connect
from okhook.store.deriving import progress_of
from okhook.store.faults import named_faults
from okhook.store.rows import microseconds

_AT_ONCE = 100
_PAGES_AT_ONCE = 256

_NO_DUPLICATE = "NOT EXISTS (SELECT 1 FROM duplicate WHERE duplicate.seq = record.seq)"

NOT_FORWARDED = f"""(
    EXISTS (
        SELECT 1 FROM forward WHERE forward.seq = record.seq AND forward.state != 'done'
    ) OR (kind = 'delivery' AND {_NO_DUPLICATE} AND EXISTS (
        SELECT 1 FROM target WHERE record.seq > target.cursor AND NOT EXISTS (
            SELECT 1 FROM forward
            WHERE forward.seq = record.seq AND forward.target_id = target.id
        )
    ))
)"""  # noqa: S608 - our own conditions
"""What a target has not taken yet: it waits, was given up, or was not attempted so far."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which records are old enough to go: up to ``seq``, or received before ``received_at_us``."""

    seq: int | None
    received_at_us: int | None

    @property
    def condition(self) -> str:
        """The cut as a condition on ``record``."""
        return "record.seq <= :seq" if self.seq is not None else "received_at_us < :received_at_us"

    @property
    def values(self) -> dict[str, Any]:
        """The values of the condition."""
        return {"seq": self.seq, "received_at_us": self.received_at_us}


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What would go: ``count`` records of ``size_bytes``; ``held`` others are not forwarded yet."""

    cut: Cut
    count: int
    size_bytes: int
    held: int


@final
class Pruner:
    """Plans and prunes; made by :func:`open_pruner`. Methods raise ``StoreFailed``."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def plan(self, keep: Keep, *, now: datetime) -> PrunePlan:
        """Return what would go if ``keep`` were kept."""
        with named_faults(self._path):
            cut = self._cut(keep, now)
            count, size_bytes, held = self._connection.execute(
                f"SELECT count(*) FILTER (WHERE NOT held),"  # noqa: S608 - our own conditions
                f" ifnull(sum(size_bytes) FILTER (WHERE NOT held), 0), count(*) FILTER (WHERE held)"
                f" FROM (SELECT length(body) + length(headers) AS size_bytes,"
                f" {NOT_FORWARDED} AS held FROM record WHERE {cut.condition})",
                cut.values,
            ).fetchone()
        return PrunePlan(cut, count, size_bytes, held)

    def prune(self, cut: Cut, *, held_too: bool) -> Iterator[int]:
        """Remove what is cut off, and yield how many records each step removed.

        What is not forwarded yet stays unless ``held_too``, also where that changes meanwhile. What
        nothing was derived from yet stays as well.
        """
        with named_faults(self._path):
            while removed := self._step(cut, held_too=held_too):
                yield removed
            self._give_back()

    def _cut(self, keep: Keep, now: datetime) -> Cut:
        match keep:
            case KeepAge(age):
                return Cut(None, microseconds(now - age))
            case KeepCount(count):
                return Cut(self._seq_beyond_count(count), None)
            case KeepSize(size_bytes):
                return Cut(self._seq_beyond_size(size_bytes), None)

    def _seq_beyond_count(self, count: int) -> int:
        row = self._connection.execute(
            "SELECT seq FROM record ORDER BY seq DESC LIMIT 1 OFFSET ?", (count,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def _seq_beyond_size(self, size_bytes: int) -> int:
        """Return the newest record that does not fit any more, 0 where all do."""
        kept_bytes = 0
        with closing(
            self._connection.execute(
                "SELECT seq, length(body) + length(headers) FROM record ORDER BY seq DESC"
            )
        ) as rows:
            for seq, record_bytes in rows:
                kept_bytes += record_bytes
                if kept_bytes > size_bytes:
                    return int(seq)
        return 0

    def _step(self, cut: Cut, *, held_too: bool) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            progress = progress_of(self._connection)
            rows = self._connection.execute(
                f"SELECT record.seq, kind, body FROM record WHERE {cut.condition}"  # noqa: S608 - our own conditions
                f" AND record.seq <= :derived AND {'1' if held_too else f'NOT {NOT_FORWARDED}'}"
                f" ORDER BY record.seq LIMIT {_AT_ONCE}",
                {**cut.values, "derived": min(progress.recognised, progress.indexed)},
            ).fetchall()
            for seq, kind, body in rows:
                self._remove(seq, kind, body)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return len(rows)

    def _remove(self, seq: int, kind: str, body: bytes) -> None:
        words.forget(self._connection, seq, kind, body)
        recognition.forget(self._connection, seq, body)
        for table in ("attempt", "forward", "record"):
            self._connection.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608 - our own tables

    def _give_back(self) -> None:
        """Give the freed pages back to the disk; a file of an early okhook uses them again."""
        for _ in words.merge(self._connection):
            pass
        while int(self._connection.execute("PRAGMA freelist_count").fetchone()[0]):
            before = int(self._connection.execute("PRAGMA page_count").fetchone()[0])
            self._connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
            if int(self._connection.execute("PRAGMA page_count").fetchone()[0]) == before:
                break
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def open_pruner(path: Path) -> Iterator[Pruner]:
    """Open the store in ``path`` for pruning, for as long as the block lasts.

    Raises:
        StoreFailed: it cannot be opened.

    """
    with closing(connect(path)) as connection:
        yield Pruner(path, connection)
