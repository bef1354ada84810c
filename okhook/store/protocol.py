"""What every store can do; each implementation runs the same contract tests."""

from typing import Protocol

from okhook.record import Appended, NewRecord, Record


class Store(Protocol):
    """Keeps records durably. A method that cannot do what it says raises ``StoreFailed``."""

    async def append(self, record: NewRecord) -> Appended:
        """Keep ``record``; when this returns, it survives a crash of process and machine."""
        ...

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records that came after ``seq``, in order of arrival."""
        ...

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``, 0 where there is none."""
        ...
