"""The state of a store: its schema, its size and its damage."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from okhook.errors import StoreFailed

RECENT: Final = timedelta(days=7)
"""The age of the records that tell how fast a store grows."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The ``version`` of a store's schema, 0 without a store, and the one that okhook uses."""

    version: int
    current: int

    def refuse_newer(self, shown: str, instead: str) -> None:
        """Raise ``StoreFailed`` if the store ``shown`` belongs to a newer okhook."""
        if self.version > self.current:
            raise StoreFailed(
                f"{shown} was written by a newer okhook",
                why=f"its schema version is {self.version}, and this okhook supports"
                f" {self.current}",
                next_step=f"upgrade okhook, or {instead}",
            )


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """The state of a store. ``damage`` is what the database reports.

    ``free_bytes`` is the room on its disk, None if the disk is another machine's.

    ``recent`` counts the records of the last seven days. If the time was too short, ``is_checked``
    is false, or ``records`` and ``recent`` are None.
    """

    size_bytes: int
    free_bytes: int | None
    is_checked: bool
    damage: str | None
    records: int | None
    recent: int | None

    @property
    def growth_bytes(self) -> int:
        """How much the store grows in a week like the last one, as far as known."""
        if not self.records or not self.recent:
            return 0
        return self.size_bytes * self.recent // self.records
