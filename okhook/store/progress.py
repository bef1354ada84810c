"""How far deriving is: duplicates first, then the word index."""

from dataclasses import dataclass

from okhook.store.sql import SqlConnection, run

RECOGNISED = "(SELECT seq FROM okhook.progress WHERE name = 'recognised')"
"""Up to which ``seq`` the records are checked for duplicates."""


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
