"""What a store can do, as tested in ``tests/store/contract``. Its methods raise ``StoreFailed``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from okhook.errors import StoreFailed
from okhook.quantities import Keep
from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.records.record import Found, NewRecord, Record, RecordFilter
from okhook.runtime.counters import COMMIT_BOUNDS_S, Histogram
from okhook.wire.delivery import Delivery


class LeaseTaken(Exception):
    """Another process has the lease of the target."""


class LeaseLost(Exception):
    """Another process took the target over: the store refuses the outcomes of this one."""


class Lease(Protocol):
    """The right to forward to a target: of the receivers with one name, one process has it."""

    async def confirm(self) -> None:
        """Return if it is still valid, or raise ``LeaseLost``. Ask just before each attempt."""

    async def lost(self) -> None:
        """Wait until it is known to be lost."""

    @property
    def is_sure(self) -> bool:
        """Whether no other process can have it now, as far as this one knows without asking."""


@dataclass(slots=True)
class CommitCounters:
    """The commits of a store since it was opened: of records, and of what forwarding notes.

    ``duration_s`` has those that succeeded.
    """

    duration_s: Histogram = field(default_factory=lambda: Histogram(COMMIT_BOUNDS_S))
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many records of a kind arrived in the hour that began at ``hour``.

    With an ``event_type``, only those that contain such an event; without one, all of them.
    """

    hour: datetime
    kind: str
    event_type: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds from the reception of records: to their commit, and to the answer of an app."""

    commit_s: list[float]
    forward_s: list[float]


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """Remove ``count`` records; ``held`` more match, but are not forwarded yet."""

    up_to_seq: int | None
    received_before: datetime | None
    count: int
    size_bytes: int
    held: int


class Store(Protocol):
    """Stores records durably, for the process that receives them.

    It is opened for one receiver. Several receivers can share a store: each sees, and forwards,
    its own records.
    """

    @property
    def commits(self) -> CommitCounters:
        """Counts the commits."""

    async def check_writable(self) -> None:
        """Write and commit something small. If that fails, records cannot be stored either."""

    async def append(self, record: NewRecord) -> int:
        """Store a record, so that it survives a crash of the machine, and return its ``seq``."""

    def on_growth(self, listener: Callable[[int], None]) -> None:
        """Call ``listener`` with the newest ``seq`` checked for duplicates, each time it grows."""

    def on_trouble(
        self, went: Callable[[StoreFailed], None], came_back: Callable[[], None]
    ) -> None:
        """Call ``went`` if the store cannot write, and ``came_back`` when it works again.

        It may be unable to write what it derives, or its file may be gone.
        """

    async def settled(self) -> int:
        """Wait until all appended records are checked for duplicates; return the last ``seq``."""

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records after ``seq`` that are checked for duplicates."""

    async def count_after(self, seq: int) -> int:
        """Count the records that :meth:`after` would return without a limit."""

    async def before_newest(self, count: int) -> int:
        """Return the ``seq`` before the newest ``count`` records, 0 if there are no more."""

    async def duplicates_after(self, seq: int) -> tuple[int, int]:
        """Return the newest ``seq`` checked for duplicates, and how many there are after ``seq``.

        Of the receiver's own records only.
        """

    async def last_seq(self) -> int:
        """Return the ``seq`` of the newest record of all receivers, 0 if there is none."""

    async def records(self, seqs: Sequence[int], most_bytes: int) -> list[Record]:
        """Return the first of these records, at least one, until their bodies have ``most_bytes``.

        They come in the order of ``seqs``, which ascend, without those that were pruned.
        """

    async def open_target(self, url: str) -> Target:
        """Return the state of a target. A new target starts after the newest record.

        The first receiver that uses the target of an older okhook gets what waits for it.
        """

    def lease(self, url: str) -> AbstractAsyncContextManager[Lease]:
        """Lease a target during the block, or raise ``LeaseTaken``.

        Of the processes that opened the store for one receiver, one can have it. If that one dies,
        hangs or is cut off, another one can take it: with a lock on one machine at once, with a
        database in less than ten seconds.
        """

    async def skip_backlog(self, url: str) -> None:
        """Begin after the newest record: give up what waits for the target."""

    async def eligible(self, url: str, after_seq: int, limit: int, *, duplicates: bool) -> Eligible:
        """Return up to ``limit`` deliveries after ``after_seq`` to forward to the target."""

    async def waiting(self, url: str, limit: int) -> list[Forward]:
        """Return up to ``limit`` waiting forwards of the target, those due first at the front."""

    async def settle(
        self, attempt: Attempt, forward: Forward, *, cursor: int, lease: Lease | None = None
    ) -> None:
        """Store all three in one durable transaction. Done stays done; no cursor moves back.

        If the ``lease`` of the target was lost, nothing is stored, and ``LeaseLost`` is raised.
        """

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        """Store an attempt of a replay, and the forward if its state changed."""

    async def advance(self, url: str, cursor: int, *, lease: Lease | None = None) -> None:
        """Move the target's cursor forward, past records that are not forwarded.

        It needs the ``lease`` as :meth:`settle` does.
        """

    async def backlog(self, url: str, *, duplicates: bool) -> Backlog:
        """Count the deliveries that the target has not accepted yet."""

    async def oldest_unsent(self, url: str, *, duplicates: bool) -> datetime | None:
        """Return when the oldest delivery arrived that the target is still to get."""

    async def backlogs_elsewhere(self, url: str, *, duplicates: bool) -> dict[str, Backlog]:
        """Return the backlogs of the target under the names of other receivers."""


class Reader(Protocol):
    """Reads a store, whether or not a receiver writes to it at the same time."""

    def catch_up(self, report: Callable[[int], None]) -> int:
        """Derive all that is missing, ``report`` how many records are left, and return that."""

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        """Return up to ``limit`` matching records before ``before``, newest first."""

    def in_order(self, wanted: RecordFilter) -> Iterator[Found]:
        """Yield every matching record, oldest first."""

    def identified(self, text: str) -> list[Found]:
        """Return all records with this ``seq``, ``eventId`` or event uuid, oldest first."""

    def carrying(self, uuids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Return the ``seq`` of the deliveries that contain each of these events, by uuid."""

    def repeated_by(self, delivery: Delivery, receiver: str | None) -> int | None:
        """Return what ``delivery`` would be a duplicate of at ``receiver``, None if it is new."""

    def attempts(self, seq: int) -> list[Attempt]:
        """Return every attempt of a record, oldest first."""

    def repeats(self, seq: int) -> list[Found]:
        """Return the duplicates of a record, oldest first."""

    def event_types_seen(self) -> frozenset[str]:
        """Return every event type that was ever indexed, in pruned records too."""

    def targets(self) -> list[Target]:
        """Return every target that deliveries were ever forwarded to."""

    def receivers(self) -> list[str]:
        """Return the names of the receivers, in the order of their first use."""

    def after(self, seq: int, limit: int) -> list[Found]:
        """Return up to ``limit`` records after ``seq`` that are checked for duplicates."""

    def tried_after(self, attempt: int, limit: int) -> tuple[int, list[int]]:
        """Return the newest attempt's number, and the records tried since ``attempt``."""

    def arrivals(self, since: datetime) -> list[Arrivals]:
        """Return how many indexed records arrived, by hour, kind and event type, oldest first."""

    def latencies(self, count: int) -> Latencies:
        """Return how long the newest ``count`` records and first accepted forwards took."""

    def backlogs(self) -> list[tuple[Target, Backlog]]:
        """Return every target with what it has not accepted yet."""

    def last_seq(self) -> int:
        """Return the ``seq`` of the newest record, 0 if there is none."""

    def plan_pruning(self, keep: Keep, *, now: datetime) -> PrunePlan:
        """Return what to remove to keep only ``keep``."""

    def prune(self, plan: PrunePlan, *, held_too: bool) -> Iterator[int]:
        """Remove the planned records, and yield how many each step removed.

        The newest one stays until it is indexed, and those that are not forwarded yet unless
        ``held_too``.
        """
