"""Whatever arrives, fails, crashes and starts again: nothing is dropped, and all ends somewhere.

A history has several lives of one forwarder over one ledger. Each life but the last is cut off at
some await: before or after an effect on the ledger, or within an attempt.
"""

import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okhook.activity import Activity
from okhook.errors import StoreFailed
from okhook.forward.forwarder import ForwardConfig, Forwarder
from okhook.forward.retry import state_after
from okhook.records.activities import Forwarded, TargetDown, TargetUp
from okhook.records.attempt import ForwardState, Target
from okhook.records.record import RecordKind
from tests.forward.rig import (
    DIES,
    HANGS,
    REFUSED,
    TAKEN,
    URL,
    App,
    Asked,
    Kept,
    MemoryLedger,
    Said,
    answers,
)
from tests.forward.virtual_time import run_in_virtual_time, virtual_now

A_VERY_LONG_TIME_S = 3_000_000.0
RETRIES = 3


@dataclass(frozen=True)
class Arrival:
    """A request that comes ``after_s`` seconds after the one before."""

    after_s: float
    kind: RecordKind
    is_duplicate: bool


@dataclass(frozen=True)
class Life:
    """A forwarder that is cut off after so many awaits, and back so many seconds later."""

    awaits: int
    pause_s: float


@dataclass(frozen=True)
class History:
    arrivals: list[Arrival]
    lives: list[Life]
    says: dict[int, list[Said]]
    absences: list[tuple[float, float]]
    store_fails: set[int]
    config: ForwardConfig


SAID = st.sampled_from(
    [
        TAKEN,
        answers(200, takes_s=3.0),
        answers(503),
        answers(500, takes_s=2.0),
        answers(429, asked_s=90.0),
        answers(404),
        answers(301),
        REFUSED,
        HANGS,
        DIES,
        Said(None, "cannot be sent"),
    ]
)
SOON = st.sampled_from([0.0, 0.0, 0.0, 0.3, 1.0, 7.0, 100.0])
KINDS = st.sampled_from([RecordKind.DELIVERY] * 6 + [RecordKind.CANARY, RecordKind.REFUSED])
HISTORIES = st.builds(
    History,
    arrivals=st.lists(
        st.builds(Arrival, SOON, KINDS, st.sampled_from([False] * 5 + [True]))
    ).filter(bool),
    lives=st.lists(st.builds(Life, st.integers(0, 60), SOON), max_size=5),
    says=st.dictionaries(st.integers(1, 12), st.lists(SAID, max_size=6)),
    absences=st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), max_size=3),
    store_fails=st.sets(st.integers(0, 80), max_size=8),
    config=st.builds(
        ForwardConfig,
        retries=st.just(RETRIES),
        concurrency=st.sampled_from([1, 1, 2, 4]),
        duplicates=st.booleans(),
    ),
)


@dataclass
class World:
    """Plays a history, and minds at every step what must never happen."""

    history: History
    ledger: MemoryLedger = field(default_factory=lambda: MemoryLedger(page=3))
    app: App = field(default_factory=App)
    forwarder: Forwarder | None = None
    all_came: bool = False
    seen: list[list[Activity]] = field(default_factory=list)
    done_twice: list[int] = field(default_factory=list)
    begun_once_done: list[int] = field(default_factory=list)
    begun_early: list[Asked] = field(default_factory=list)
    told_too_soon: list[Forwarded] = field(default_factory=list)
    unanswered: set[int] = field(default_factory=set)
    crashes: int = 0

    def __post_init__(self) -> None:
        self.ledger.targets[URL] = Target(URL, 0, 0)
        self.app.says = self._says
        calls = itertools.count()

        def fails(_: str) -> None:
            if next(calls) in self.history.store_fails:
                raise StoreFailed("the disk is full")

        self.ledger.fails = fails

    def _says(self, asked: Asked) -> Said:
        forward = self.ledger.forwards.get((URL, asked.seq))
        if forward is not None and forward.state is not ForwardState.WAITING:
            self.begun_once_done.append(asked.seq)
        # Only what got no answer may be sent before its time, because the app listens again.
        next_at = None if forward is None else forward.next_at
        if next_at and virtual_now() < next_at and asked.seq not in self.unanswered:
            self.begun_early.append(asked)
        said = self._said(asked)
        self.unanswered.discard(asked.seq)
        if said.status is None:
            self.unanswered.add(asked.seq)
        return said

    def _said(self, asked: Asked) -> Said:
        if self._is_away(asked.at_s):
            return REFUSED
        said = self.history.says.get(asked.seq, [])
        turn = self.app.seqs.count(asked.seq) - 1
        return said[turn] if turn < len(said) else TAKEN

    def _is_away(self, at_s: float) -> bool:
        return any(began <= at_s < began + lasts for began, lasts in self.history.absences)

    async def _listens(self) -> bool:
        await self.app.step()
        return not self._is_away(anyio.current_time())

    async def play(self) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._receive)
            for life in self.history.lives:
                await self._live(life)
                await anyio.sleep(life.pause_s)
            await self._live(None)

    async def _receive(self) -> None:
        for arrival in self.history.arrivals:
            await anyio.sleep(arrival.after_s)
            self.ledger.add(arrival.kind, 1 if arrival.is_duplicate else None)
            if self.forwarder is not None:
                self.forwarder.wake()
        self.all_came = True

    async def _live(self, life: Life | None) -> None:
        """Live until the end that was set, or, for the last life, until all is done or failed."""
        seen: list[Activity] = []
        self.seen.append(seen)
        with anyio.CancelScope() as lifetime:
            self.ledger.step = self.app.step = _cut_off(lifetime, life)
            self.forwarder = Forwarder(
                self.ledger.targets[URL],
                self.history.config,
                store=self.ledger.store,
                send=self.app.send,
                listens=self._listens,
                publish=lambda activity: self._see(seen, activity),
                now=virtual_now,
                chance=lambda: 0.5,
            )
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self.forwarder.run, Kept())
                await self._wait_for_the_end(life)
                tasks.cancel_scope.cancel()
        self.crashes += lifetime.cancelled_caught
        self.forwarder = None

    async def _wait_for_the_end(self, life: Life | None) -> None:
        while anyio.current_time() < A_VERY_LONG_TIME_S:
            await anyio.sleep(50.0)
            if self.all_came and not self.open_seqs():
                return
        assert life is not None, f"never done nor failed: {self.open_seqs()}"

    def _see(self, seen: list[Activity], activity: Activity) -> None:
        seen.append(activity)
        if isinstance(activity, Forwarded):
            kept = self.ledger.forwards.get((URL, activity.attempt.seq))
            if kept != activity.forward or activity.attempt not in self.ledger.attempts:
                self.told_too_soon.append(activity)

    def eligible_seqs(self) -> list[int]:
        duplicates = self.history.config.duplicates
        return [s for s in self.ledger.kept if self.ledger.is_eligible(s, duplicates=duplicates)]

    def open_seqs(self) -> list[int]:
        ended = (ForwardState.DONE, ForwardState.FAILED)
        return [seq for seq in self.eligible_seqs() if self.ledger.state(seq) not in ended]


def _cut_off(lifetime: anyio.CancelScope, life: Life | None) -> Callable[[], Awaitable[None]]:
    """Return what is awaited at each step of a life, and ends it at the last one."""
    left = itertools.count(life.awaits, -1) if life is not None else itertools.repeat(1)

    async def step() -> None:
        if next(left) == 0:
            lifetime.cancel()
        await anyio.lowlevel.checkpoint()

    return step


def played(history: History) -> World:
    world = World(history)
    run_in_virtual_time(world.play)
    return world


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HISTORIES)
def test_the_promises_hold_in_every_history(history: History) -> None:
    """Three hundred random histories of arrivals, answers, outages and crashes."""
    world = played(history)
    every_delivery_ended_done_or_failed(world)
    first_attempts_were_in_order_of_arrival(world)
    only_a_crash_sent_anything_twice(world)
    what_was_told_is_true(world)


def every_delivery_ended_done_or_failed(world: World) -> None:
    """None is dropped, and nothing else is ever sent; the ledger knows why each ended so."""
    assert world.open_seqs() == []
    assert set(world.app.seqs) == set(world.eligible_seqs())
    assert {seq for _, seq in world.ledger.forwards} == set(world.eligible_seqs())
    for seq in world.eligible_seqs():
        attempts = [attempt for attempt in world.ledger.attempts if attempt.seq == seq]
        assert [attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1))
        *before, last = [state_after(attempt) for attempt in attempts]
        assert set(before) <= {ForwardState.WAITING}
        assert (world.ledger.state(seq) is ForwardState.DONE) is (last is ForwardState.DONE)
        assert last is not ForwardState.WAITING or len(attempts) == RETRIES + 1


def first_attempts_were_in_order_of_arrival(world: World) -> None:
    """Whatever becomes of them, and however many are on their way."""
    firsts = list(dict.fromkeys(asked.seq for asked in world.app.asked))
    assert firsts == sorted(firsts)
    assert world.app.peak <= world.history.config.concurrency
    assert world.begun_early == []


def only_a_crash_sent_anything_twice(world: World) -> None:
    """What is noted as done or failed is never sent again; what is not, once more a crash.

    While outcomes are stored, the next deliveries are under way: a crash repeats both.
    """
    assert world.begun_once_done == []
    times_sent = Counter((asked.seq, asked.number) for asked in world.app.asked)
    assert max(times_sent.values(), default=1) <= 1 + world.crashes
    again = sum(times_sent.values()) - len(times_sent)
    concurrency = world.history.config.concurrency
    assert again <= world.crashes * (concurrency + max(concurrency, 4))
    assert len(times_sent) == len(world.ledger.attempts)


def what_was_told_is_true(world: World) -> None:
    """No outcome before it is kept; down and up take turns, and down is no flood."""
    assert world.told_too_soon == []
    for seen in world.seen:
        turns = [type(told) for told in seen if isinstance(told, TargetDown | TargetUp)]
        assert turns == [[TargetDown, TargetUp][n % 2] for n in range(len(turns))]
        is_down = False
        for told in seen:
            is_down = isinstance(told, TargetDown) or (is_down and not isinstance(told, TargetUp))
            if is_down and isinstance(told, Forwarded) and told.attempt.status is None:
                assert told.forward.state is ForwardState.FAILED


@pytest.mark.parametrize("awaits", range(60))
def test_a_crash_at_each_await_in_turn(awaits: int) -> None:
    """The same short history, cut off at every point where it waits, one after the other."""
    history = History(
        arrivals=[Arrival(0.0, RecordKind.DELIVERY, is_duplicate=False)] * 3,
        lives=[Life(awaits, 0.0)],
        says={1: [answers(503)], 2: [REFUSED]},
        absences=[],
        store_fails=set(),
        config=ForwardConfig(retries=RETRIES, concurrency=2),
    )
    world = played(history)
    assert world.ledger.states([1, 2, 3]) == [ForwardState.DONE] * 3
    assert world.begun_once_done == []
