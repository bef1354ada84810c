"""How far deriving is: duplicates first, then the word index."""

from dataclasses import dataclass


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
