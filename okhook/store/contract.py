"""What a store can do. Each kind of store passes the same tests, in ``tests/store/contract``.

A method that cannot do what it says raises :class:`~okhook.errors.StoreFailed`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from okhook.errors import StoreFailed
from okhook.quantities import Keep
from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.records.filter import RecordFilter
from okhook.records.record import Found, NewRecord, Record


class Store(Protocol):
    """Keeps records durably, for the process that receives them."""

    async def append(self, record: NewRecord) -> int:
        """Keep ``record`` and return its ``seq``; by then it survives a crash of the machine."""

    def on_growth(self, told: Callable[[int], None]) -> None:
        """Call ``told`` with the newest ``seq`` whose duplicates are known, each time it grows."""

    def on_trouble(self, told: Callable[[StoreFailed], None]) -> None:
        """Call ``told`` when duplicates and words cannot be written down for now."""

    async def settled(self) -> int:
        """Wait until all that was appended here is checked for duplicates; return the last."""

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records after ``seq`` whose duplicates are known, in order."""

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``, 0 where there is none."""

    async def record(self, seq: int) -> Record | None:
        """Return a record, or None where it was pruned."""

    async def open_target(self, url: str) -> Target:
        """Return what is known of a target; a new one begins after the newest record."""

    async def eligible(self, url: str, after_seq: int, limit: int, *, duplicates: bool) -> Eligible:
        """Return up to ``limit`` deliveries after ``after_seq`` that the target was not sent yet.

        They come in order, and duplicates only where asked for.
        """

    async def waiting(self, url: str, limit: int) -> list[Forward]:
        """Return up to ``limit`` waiting forwards of the target, the one due first at the front."""

    async def settle(self, attempt: Attempt, forward: Forward, *, cursor: int) -> None:
        """Note an attempt, where its delivery stands now, and the target's cursor, in one step.

        When this returns, it survives a crash. What is done stays done, and a cursor never goes
        back.
        """

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        """Note an attempt of a replay, and where its delivery stands if that is new."""

    async def advance(self, url: str, cursor: int) -> None:
        """Move the target's cursor forward, past what is not to be forwarded."""

    async def backlog(self, url: str, *, duplicates: bool) -> Backlog:
        """Count what is not done for the target."""


class Reader(Protocol):
    """Looks things up in a store, whether a receiver writes to it at the moment or not."""

    def catch_up(self, report: Callable[[int], None]) -> int:
        """Find duplicates and words up to now; return how many records had to be left out.

        ``report`` gets the number that is left, now and then.
        """

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        """Return up to ``limit`` records that are wanted, newest first, from ``before`` down."""

    def in_order(self, wanted: RecordFilter, *, after: int = 0) -> Iterator[Found]:
        """Yield every record that is wanted, oldest first."""

    def identified(self, text: str) -> list[Found]:
        """Return the records that ``text`` names by ``seq``, ``eventId`` or an event's uuid.

        An ``eventId`` or a uuid that came several times names each of them, in order of arrival.
        """

    def carrying(self, uuids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Return the ``seq`` of the deliveries that carry each of these events, by uuid."""

    def attempts(self, seq: int) -> list[Attempt]:
        """Return every attempt of a record, oldest first."""

    def repeats(self, seq: int) -> list[Found]:
        """Return the duplicates of a record, in order of arrival."""

    def event_types_seen(self) -> frozenset[str]:
        """Return the type of every event that was ever stored and derived from."""

    def targets(self) -> list[Target]:
        """Return every target that deliveries were ever forwarded to."""

    def after(self, seq: int, limit: int) -> list[Found]:
        """Return up to ``limit`` records after ``seq`` whose duplicates are known, in order."""

    def last_seq(self) -> int:
        """Return the newest record's ``seq``, 0 where there is none."""

    def plan_pruning(self, keep: Keep, *, now: datetime) -> "PrunePlan":
        """Return what would go if ``keep`` were kept."""

    def prune(self, plan: "PrunePlan", *, held_too: bool) -> Iterator[int]:
        """Remove what is planned, and yield how many records each step removed.

        What is not forwarded yet stays unless ``held_too``, also where that changes meanwhile. What
        nothing was derived from yet stays as well.
        """


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """Which records would go: up to a ``seq``, or received before a moment.

    These are ``count`` records of ``size_bytes``; ``held`` others are not forwarded yet.
    """

    up_to_seq: int | None
    received_before: datetime | None
    count: int
    size_bytes: int
    held: int


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How a store is. ``damage`` is what its database says; None for none.

    ``is_checked`` tells whether the look for damage came to its end, ``recent`` is how many records
    of the last seven days there are; ``records`` and ``recent`` are None where time was short.
    """

    size_bytes: int
    free_bytes: int
    is_checked: bool
    damage: str | None
    records: int | None
    recent: int | None

    @property
    def growth_bytes(self) -> int:
        """What another week like the last one takes, as far as the records tell."""
        if not self.records or not self.recent:
            return 0
        return self.size_bytes * self.recent // self.records
