"""What every store can do; each implementation runs the same contract tests."""

from collections.abc import Callable
from typing import Protocol

from okhook.errors import StoreFailed
from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.records.record import NewRecord, Record


class Store(Protocol):
    """Keeps records durably. A method that cannot do what it says raises ``StoreFailed``."""

    async def append(self, record: NewRecord) -> int:
        """Keep ``record`` and return its ``seq``; by then it survives a crash of the machine."""
        ...

    def on_growth(self, told: Callable[[int], None]) -> None:
        """Have ``told`` called with the newest ``seq`` whose duplicates are known, as it grows."""
        ...

    def on_trouble(self, told: Callable[[StoreFailed], None]) -> None:
        """Have ``told`` called when what is derived from records cannot be written for now."""
        ...

    async def settled(self) -> int:
        """Wait until the duplicates of all that was appended here are known; return how far."""
        ...

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records after ``seq`` whose duplicates are known, in order."""
        ...

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``, 0 where there is none."""
        ...

    async def record(self, seq: int) -> Record | None:
        """Return a record, or None where it was pruned."""
        ...

    async def open_target(self, url: str) -> Target:
        """Return what is known of a target; a new one begins after the newest record."""
        ...

    async def eligible(self, url: str, after_seq: int, limit: int, *, duplicates: bool) -> Eligible:
        """Return deliveries after ``after_seq`` that the target was not sent yet, in order."""
        ...

    async def waiting(self, url: str, limit: int) -> list[Forward]:
        """Return what waits for the target, the one due first at the front."""
        ...

    async def settle(self, attempt: Attempt, forward: Forward, *, cursor: int) -> None:
        """Note an attempt, where its delivery stands now, and the cursor, in one step."""
        ...

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        """Note an attempt that was made unasked, and where its delivery stands if that is new."""
        ...

    async def advance(self, url: str, cursor: int) -> None:
        """Move the target's cursor forward."""
        ...

    async def backlog(self, url: str, *, duplicates: bool) -> Backlog:
        """Count what is not done for the target."""
        ...
