"""Deriving from the records, after they are answered: duplicates first, then the word index.

Each derivation goes through the records in order and notes how far it has come in the transaction
that holds its results, so that a crash repeats nothing and skips nothing, and two processes may
take turns.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from okhook.records.record import RecordKind
from okhook.store import recognition, words

RECOGNISED = "recognised"
INDEXED = "indexed"

_RECOGNISED_AT_ONCE = 200
_INDEXED_AT_ONCE = 50
_BYTES_AT_ONCE = 1 << 20
"""A step's transaction stops after this much; it holds up whoever waits for a commit."""

_RECOGNISED_KINDS = frozenset({RecordKind.DELIVERY.value, RecordKind.CANARY.value})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far each derivation has come; ``last_seq`` is the newest record."""

    recognised: int
    indexed: int
    last_seq: int

    @property
    def is_complete(self) -> bool:
        """Whether everything is derived."""
        return self.recognised >= self.last_seq and self.indexed >= self.last_seq

    @property
    def is_recognised(self) -> bool:
        """Whether the duplicates of all records are known."""
        return self.recognised >= self.last_seq

    @property
    def is_indexed(self) -> bool:
        """Whether the words of all that is recognised are indexed."""
        return self.indexed >= self.recognised

    @property
    def left(self) -> int:
        """How many records are not derived from in full, at the most."""
        return self.last_seq - min(self.recognised, self.indexed, self.last_seq)


@final
class Deriving:
    """The derivations of one store, through a connection that writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def recognise(self) -> Progress:
        """Find the duplicates among the next few records; a transaction of a few milliseconds."""
        return self._advance(RECOGNISED, _RECOGNISED_AT_ONCE, self._recognise)

    def index(self) -> Progress:
        """Index the words of the next few records that are recognised; a transaction as short."""
        return self._advance(INDEXED, _INDEXED_AT_ONCE, self._index)

    def step(self) -> Progress:
        """Do the next of both: the duplicates of all before the words of any."""
        progress = progress_of(self._connection)
        return self.recognise() if progress.recognised < progress.last_seq else self.index()

    def _advance(
        self, name: str, count: int, derive: Callable[[int, str, bytes], None]
    ) -> Progress:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = _done(self._connection, name)
            for seq, kind, body in self._next(done, self._end(name), count):
                derive(seq, kind, body)
                done = seq
            self._connection.execute("UPDATE progress SET seq = ? WHERE name = ?", (done, name))
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return progress_of(self._connection)

    def _end(self, name: str) -> int:
        """Return up to where a derivation may go: words come after duplicates."""
        progress = progress_of(self._connection)
        return progress.last_seq if name == RECOGNISED else progress.recognised

    def _next(self, done: int, end: int, count: int) -> list[tuple[int, str, bytes]]:
        """Return the next records up to a bound in bytes, but never none while there are some."""
        rows: list[tuple[int, str, bytes]] = []
        taken_bytes = 0
        cursor = self._connection.execute(
            "SELECT seq, kind, body FROM record WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            (done, end, count),
        )
        for row in cursor:
            rows.append(row)
            taken_bytes += len(row[2])
            if taken_bytes > _BYTES_AT_ONCE:
                break
        cursor.close()
        return rows

    def _recognise(self, seq: int, kind: str, body: bytes) -> None:
        if kind in _RECOGNISED_KINDS:
            recognition.recognise(self._connection, seq, body)

    def _index(self, seq: int, kind: str, body: bytes) -> None:
        words.index(self._connection, seq, kind, body)


def progress_of(connection: sqlite3.Connection) -> Progress:
    """Return how far a store's derivations have come."""
    last_seq = connection.execute("SELECT ifnull(max(seq), 0) FROM record").fetchone()[0]
    return Progress(_done(connection, RECOGNISED), _done(connection, INDEXED), int(last_seq))


def _done(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("SELECT seq FROM progress WHERE name = ?", (name,)).fetchone()
    return int(row[0])
