"""How far deriving is: duplicates first, then the word index. And what it takes next."""

from dataclasses import dataclass
from typing import NamedTuple

from okhook.store.rows import seqs_within
from okhook.store.sql import SqlConnection, run

RECOGNISED = "(SELECT seq FROM okhook.progress WHERE name = 'recognised')"
"""Up to which ``seq`` the records are checked for duplicates."""

_RECOGNISED_AT_ONCE = 200
_INDEXED_AT_ONCE = 50
_BYTES_AT_ONCE = 1 << 20
"""The limits of a step: commits may wait for its transaction."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The last ``seq`` of each derivation. ``indexed`` is never beyond ``recognised``."""

    recognised: int
    indexed: int
    last_seq: int

    @property
    def is_recognised(self) -> bool:
        """Whether all records are checked for duplicates."""
        return self.recognised >= self.last_seq

    @property
    def is_indexed(self) -> bool:
        """Whether all recognised records are in the word index."""
        return self.indexed >= self.recognised


def progress_of(connection: SqlConnection) -> Progress:
    """Return how far both derivations are."""
    row = run(
        connection,
        f"SELECT {RECOGNISED}, (SELECT seq FROM okhook.progress WHERE name = 'indexed'),"  # noqa: S608 - our own words
        " (SELECT coalesce(max(seq), 0) FROM okhook.record)",
    ).fetchone()
    return Progress(*map(int, row or (0, 0, 0)))


class Underived(NamedTuple):
    """What deriving looks at in a record."""

    seq: int
    kind: str
    body: bytes
    receiver_id: int
    received_at_us: int


def take_unrecognised(connection: SqlConnection) -> list[Underived]:
    """Return the next records to check for duplicates, and note the progress."""
    progress = progress_of(connection)
    return _take(
        connection, "recognised", progress.recognised, progress.last_seq, _RECOGNISED_AT_ONCE
    )


def take_unindexed(connection: SqlConnection) -> list[Underived]:
    """Return the next recognised records to add to the word index, and note the progress."""
    progress = progress_of(connection)
    return _take(connection, "indexed", progress.indexed, progress.recognised, _INDEXED_AT_ONCE)


def _take(connection: SqlConnection, name: str, after: int, to: int, count: int) -> list[Underived]:
    """Return the next records, up to ``count`` and to a limit in bytes, but at least one."""
    sizes = run(
        connection,
        f"SELECT seq, length(body) FROM okhook.record WHERE seq > {after} AND seq <= {to}"  # noqa: S608 - numbers
        f" ORDER BY seq LIMIT {count}",
    )
    last = max(seqs_within(sizes, _BYTES_AT_ONCE), default=after)
    if last > after:
        run(connection, f"UPDATE okhook.progress SET seq = {last} WHERE name = '{name}'")  # noqa: S608 - our own words
    rows = run(
        connection,
        "SELECT seq, kind, body, receiver_id, received_at_us FROM okhook.record"  # noqa: S608 - numbers
        f" WHERE seq > {after} AND seq <= {last} ORDER BY seq",
    )
    return [Underived(*row) for row in rows]
