"""What the forwarder asks of a store: deliveries in order, and a durable note of each attempt."""

from typing import Protocol

from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.records.record import Record


class ForwardLedger(Protocol):
    """A method that cannot do what it says raises ``StoreFailed``."""

    async def open_target(self, url: str) -> Target:
        """Return what is known of the target; a new one begins after the newest record."""
        ...

    async def eligible(self, url: str, after_seq: int, limit: int, *, duplicates: bool) -> Eligible:
        """Return up to ``limit`` deliveries after ``after_seq``; duplicates only where asked.

        Left out are those that have a ``Forward`` for the target already.
        """
        ...

    async def waiting(self, url: str, limit: int) -> list[Forward]:
        """Return up to ``limit`` waiting forwards of the target, the one due first at the front."""
        ...

    async def record(self, seq: int) -> Record | None:
        """Return a record, or None where it was pruned."""
        ...

    async def settle(self, attempt: Attempt, forward: Forward, *, cursor: int) -> None:
        """Note an attempt, where its delivery stands now, and the target's cursor, in one step.

        When this returns, it survives a crash. What is done stays done, and a cursor never goes
        back.
        """
        ...

    async def advance(self, url: str, cursor: int) -> None:
        """Move the target's cursor forward, past what is not to be forwarded."""
        ...

    async def backlog(self, url: str, *, duplicates: bool) -> Backlog:
        """Count what is not done."""
        ...
