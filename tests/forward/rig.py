"""A ledger in memory and an app that does as it is told, in virtual time, for the forwarder."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar, cast

import anyio
import anyio.lowlevel

from okhook.activity import Activity
from okhook.errors import StoreFailed
from okhook.forward.forwarder import ForwardConfig, Forwarder
from okhook.forward.port_check import PortCheck
from okhook.forward.sending import Sent
from okhook.records.activities import Backlogged
from okhook.records.attempt import (
    Attempt,
    Backlog,
    Eligible,
    Forward,
    ForwardState,
    Purpose,
    Target,
)
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.store.contract import Lease, Store
from tests.forward.virtual_time import virtual_now
from tests.support.records import delivery_body, post

URL = "http://127.0.0.1:3000/hook"
A = TypeVar("A", bound=Activity)


async def no_step() -> None:
    """Let the others have their turn, as any wait for a real store or app does."""
    await anyio.lowlevel.checkpoint()


class Kept:
    """A target that nobody takes away."""

    async def confirm(self) -> None:
        return

    @property
    def is_sure(self) -> bool:
        return True

    async def lost(self) -> None:
        await anyio.sleep_forever()


@dataclass
class MemoryLedger:
    """Keeps what a store keeps, across the lives of forwarders; and minds their cursor.

    ``step`` is awaited before and after each effect; ``fails`` may raise instead of one.
    """

    kept: dict[int, Record] = field(default_factory=dict)
    forwards: dict[tuple[str, int], Forward] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    advances: list[int] = field(default_factory=list)
    step: Callable[[], Awaitable[None]] = no_step
    fails: Callable[[str], None] = lambda _: None
    page: int = 256
    grew: list[Callable[[int], None]] = field(default_factory=list)

    @property
    def store(self) -> Store:
        """This ledger as the store that a forwarder takes it for; it asks nothing else of one."""
        return cast("Store", self)

    def on_growth(self, told: Callable[[int], None]) -> None:
        self.grew.append(told)

    def add(
        self,
        kind: RecordKind = RecordKind.DELIVERY,
        duplicate_of: int | None = None,
        body: bytes | None = None,
    ) -> int:
        """Keep one more record, and return its number."""
        seq = max(self.kept, default=0) + 1
        request = post(body or delivery_body(f"event-{seq}"))
        self.kept[seq] = Record(seq, kind, request, 204, None, AuthOutcome.NOT_ASKED, duplicate_of)
        return seq

    def add_many(self, count: int) -> list[int]:
        return [self.add() for _ in range(count)]

    def is_eligible(self, seq: int, *, duplicates: bool) -> bool:
        record = self.kept[seq]
        if record.kind is not RecordKind.DELIVERY:
            return False
        return duplicates or record.duplicate_of is None

    def state(self, seq: int, url: str = URL) -> ForwardState | None:
        forward = self.forwards.get((url, seq))
        return None if forward is None else forward.state

    def states(self, seqs: Iterable[int], url: str = URL) -> list[ForwardState | None]:
        return [self.state(seq, url) for seq in seqs]

    async def open_target(self, url: str) -> Target:
        await self._before("open_target")
        newest = max(self.kept, default=0)
        return self.targets.setdefault(url, Target(url, newest, newest))

    async def eligible(self, url: str, after_seq: int, limit: int, *, duplicates: bool) -> Eligible:
        await self._before("eligible")
        seqs = [
            seq
            for seq in sorted(self.kept)
            if seq > after_seq
            and self.is_eligible(seq, duplicates=duplicates)
            and (url, seq) not in self.forwards
        ][: min(limit, self.page)]
        full = len(seqs) == min(limit, self.page)
        looked_to = seqs[-1] if full else max(self.kept, default=0)
        await self.step()
        return Eligible(tuple(seqs), max(looked_to, after_seq))

    async def waiting(self, url: str, limit: int) -> list[Forward]:
        await self._before("waiting")
        found = [
            forward
            for (target, _), forward in self.forwards.items()
            if target == url and forward.state is ForwardState.WAITING
        ]
        await self.step()
        return sorted(found, key=lambda forward: (forward.next_at, forward.seq))[:limit]

    async def records(self, seqs: Sequence[int], most_bytes: int) -> list[Record]:
        await self._before("records")
        found = []
        for seq in seqs:
            if seq in self.kept and most_bytes > 0:
                found.append(self.kept[seq])
                most_bytes -= len(found[-1].request.body)
        await self.step()
        return found

    @asynccontextmanager
    async def lease(self, url: str) -> AsyncIterator[Lease]:
        del url
        yield Kept()

    async def settle(
        self, attempt: Attempt, forward: Forward, *, cursor: int, lease: Lease | None = None
    ) -> None:
        del lease
        await self._before("settle")
        self.attempts.append(attempt)
        before = self.state(forward.seq, forward.target)
        if before is not ForwardState.DONE:
            self.forwards[forward.target, forward.seq] = forward
        self._move(forward.target, cursor)
        await self.step()

    async def advance(self, url: str, cursor: int, *, lease: Lease | None = None) -> None:
        del lease
        await self._before("advance")
        self.advances.append(cursor)
        self._move(url, cursor)
        await self.step()

    async def backlog(self, url: str, *, duplicates: bool) -> Backlog:
        await self._before("backlog")
        target = self.targets[url]
        pending = [
            seq
            for seq in self.kept
            if seq > target.since_seq
            and self.is_eligible(seq, duplicates=duplicates)
            and (url, seq) not in self.forwards
        ]
        states = [forward.state for (to, _), forward in self.forwards.items() if to == url]
        await self.step()
        return Backlog(
            len(pending), states.count(ForwardState.WAITING), states.count(ForwardState.FAILED)
        )

    async def backlogs_elsewhere(self, url: str, *, duplicates: bool) -> dict[str, Backlog]:
        del url, duplicates
        return {}

    async def _before(self, what: str) -> None:
        await self.step()
        self.fails(what)

    def _move(self, url: str, cursor: int) -> None:
        target = self.targets[url]
        overlooked = [
            seq
            for seq in self.kept
            if target.cursor < seq <= cursor
            and self.is_eligible(seq, duplicates=False)
            and (url, seq) not in self.forwards
        ]
        assert not overlooked, f"the cursor went to {cursor}, past {overlooked}"
        assert cursor <= max(self.kept, default=0)
        self.targets[url] = replace(target, cursor=max(target.cursor, cursor))


@dataclass(frozen=True)
class Said:
    """What the app does with an attempt: answers with ``status``, or fails with ``fault``."""

    status: int | None = 204
    fault: str | None = None
    takes_s: float = 0.0
    asked_s: float | None = None


TAKEN = Said()
REFUSED = Said(None, "no connection")
HANGS = Said(None, "timeout", takes_s=10.0)
DIES = Said(None, "connection lost")


def answers(status: int, *, takes_s: float = 0.0, asked_s: float | None = None) -> Said:
    return Said(status, takes_s=takes_s, asked_s=asked_s)


@dataclass(frozen=True)
class Asked:
    """An attempt as the app saw it begin, ``at_s`` seconds after noon."""

    seq: int
    number: int
    at_s: float


@dataclass
class App:
    """Does with each attempt what ``says`` tells for it; ``asked`` is all that it saw."""

    says: Callable[[Asked], Said] = lambda _: TAKEN
    asked: list[Asked] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    step: Callable[[], Awaitable[None]] = no_step
    on_their_way: int = 0
    peak: int = 0

    @property
    def seqs(self) -> list[int]:
        return [asked.seq for asked in self.asked]

    @property
    def times_s(self) -> list[float]:
        return [round(asked.at_s, 3) for asked in self.asked]

    async def send(self, record: Record, number: int) -> Sent:
        began_at = virtual_now()
        asked = Asked(record.seq, number, anyio.current_time())
        self.asked.append(asked)
        self.bodies.append(record.request.body)
        self.on_their_way += 1
        self.peak = max(self.peak, self.on_their_way)
        try:
            said = self.says(asked)
            await self.step()
            await anyio.sleep(said.takes_s)
            await self.step()
        finally:
            self.on_their_way -= 1
        return Sent(
            Attempt(
                seq=record.seq,
                target=URL,
                purpose=Purpose.FORWARD,
                number=number,
                began_at=began_at,
                duration_s=said.takes_s,
                status=said.status,
                fault=said.fault,
                reason=said.fault and f"because of {said.fault}",
            ),
            said.asked_s,
        )


def scripted(script: dict[int, list[Said]]) -> Callable[[Asked], Said]:
    """Answer the attempts of each delivery one after the other, and take it after the last."""
    left = defaultdict(list, {seq: list(said) for seq, said in script.items()})
    return lambda asked: left[asked.seq].pop(0) if left[asked.seq] else TAKEN


@dataclass
class Play:
    """A ledger, an app, the forwarder between them, and what there was to see."""

    ledger: MemoryLedger
    app: App
    forwarder: Forwarder
    seen: list[Activity]
    tasks: anyio.abc.TaskGroup

    def of(self, kind: type[A]) -> list[A]:
        return [activity for activity in self.seen if isinstance(activity, kind)]

    def arrive(self, count: int = 1) -> list[int]:
        """Have deliveries come in, as a receiver does."""
        seqs = self.ledger.add_many(count)
        self.forwarder.wake()
        return seqs

    def stop(self) -> None:
        self.tasks.cancel_scope.cancel()


@asynccontextmanager
async def play(
    ledger: MemoryLedger,
    app: App,
    config: ForwardConfig | None = None,
    *,
    listens: PortCheck | None = None,
    now: Callable[[], datetime] = virtual_now,
    chance: Callable[[], float] = lambda: 0.0,
) -> AsyncIterator[Play]:
    """Run a forwarder for as long as the block lasts; a new target begins before all records."""
    ledger.targets.setdefault(URL, Target(URL, 0, 0))
    seen: list[Activity] = []
    forwarder = Forwarder(
        await ledger.open_target(URL),
        config or ForwardConfig(),
        store=ledger.store,
        send=app.send,
        listens=listens,
        publish=seen.append,
        now=now,
        chance=chance,
    )
    await forwarder.publish_backlog()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(forwarder.run, Kept())
        yield Play(ledger, app, forwarder, seen, tasks)
        tasks.cancel_scope.cancel()


def failing(*calls: str, times: int) -> Callable[[str], None]:
    """Fail so many of these calls, one after the other."""
    left = times

    def fail(call: str) -> None:
        nonlocal left
        if call in calls and left:
            left -= 1
            raise StoreFailed("the disk is full", why="no space left on device")

    return fail


def down_until(end_s: float, said: Said = REFUSED) -> App:
    """Return an app that is not there until ``end_s`` seconds after noon."""
    return App(lambda asked: said if asked.at_s < end_s else TAKEN)


def names(seen: list[Activity]) -> list[str]:
    """Return what kinds of activities there were to see, without the counter."""
    return [type(activity).__name__ for activity in seen if not isinstance(activity, Backlogged)]
