"""The forwarder: every delivery goes from the store to one app, at least once, whatever happens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import final

import anyio
from anyio.abc import TaskGroup

from okhook.activity import Activity
from okhook.config.settings import Settings
from okhook.forward.activities import Backlogged, Forwarded, TargetDown, TargetUp
from okhook.forward.lanes import Due, Lanes
from okhook.forward.retry import forward_after
from okhook.forward.sending import Send
from okhook.forward.store_patience import StorePatience
from okhook.forward.target_state import TargetState
from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState, Target
from okhook.records.record import Record
from okhook.store.contract import Store

LONGEST_REST_S = 15.0
"""The longest single wait: timers stop while a laptop sleeps, and the clock does not."""

_COUNT_EVERY_S = 1.0
"""How often the backlog is counted while an app is down."""


@dataclass(frozen=True, slots=True)
class ForwardPolicy:
    """How deliveries are forwarded.

    ``retries`` are attempts after the first, ``concurrency`` deliveries on their way at a time.
    """

    retries: int = Settings.retries.default
    concurrency: int = 1
    duplicates: bool = False


@final
class _BacklogCounter:
    """Tells how much is to be sent to one target, when that changed, and once a second at most."""

    def __init__(
        self,
        target: str,
        *,
        count: Callable[[], Awaitable[Backlog]],
        publish: Callable[[Activity], None],
    ) -> None:
        self._target = target
        self._count = count
        self._publish = publish
        self._told = Backlog(0, 0, 0)
        self._told_s = -_COUNT_EVERY_S
        self.may_differ = True

    def due_s(self) -> float | None:
        """Return when :meth:`tell` has something to do; None where nothing changed."""
        return self._told_s + _COUNT_EVERY_S if self.may_differ else None

    async def tell(self, at_s: float) -> None:
        """Tell what there is, if it is time and something changed; ``at_s`` is a steady clock's."""
        due_s = self.due_s()
        if due_s is None or at_s < due_s:
            return
        self.may_differ = False
        self._told_s = at_s
        before, self._told = self._told, await self._count()
        if self._told != before:
            self._publish(Backlogged(self._target, self._told))


@final
class Forwarder:
    """Sends what the store has to one target, and notes there what came of it.

    ``now`` gives aware UTC, ``chance`` a random number in 0 … 1.
    """

    def __init__(
        self,
        target: Target,
        policy: ForwardPolicy,
        *,
        store: Store,
        send: Send,
        publish: Callable[[Activity], None],
        now: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self._url = target.url
        self._policy = policy
        self._store = store
        self._send = send
        self._publish = publish
        self._now = now
        self._chance = chance
        self._state = TargetState()
        self._lanes = Lanes(store, target, duplicates=policy.duplicates)
        self._patience = StorePatience(
            f"the forwarding to {target.url}", publish=publish, chance=chance
        )
        self._counter = _BacklogCounter(target.url, count=self._backlog, publish=publish)
        self._stirred = anyio.Event()

    def wake(self) -> None:
        """Look for new deliveries; to be called whenever the store grew."""
        self._lanes.grew()
        self._counter.may_differ = True
        self._stirred.set()

    async def tell_leftover(self) -> None:
        """Tell what is there from before; for the start, while nothing new can come."""
        await self._counter.tell(anyio.current_time())

    async def run(self) -> None:
        """Forward until cancelled. An attempt that is cut off by that is made again next time."""
        async with anyio.create_task_group() as tasks:
            while True:
                await self._begin_what_is_due(tasks)
                await self._note_cursor()
                if self._state.is_down:
                    await self._counter.tell(anyio.current_time())
                await self._rest()

    async def _begin_what_is_due(self, tasks: TaskGroup) -> None:
        while self._lanes.taken < self._room():
            await self._patience.until_done(self._lanes.look)
            due = self._lanes.take(self._now(), self._state)
            if due is None:
                return
            record = await self._patience.until_done(partial(self._store.record, due.seq))
            if record is None:
                self._lanes.leave_out(due)
            elif self._lanes.taken > self._room():  # the app went down meanwhile
                self._lanes.give_back(due)
            else:
                tasks.start_soon(self._attempt, due, record, self._state.phase)

    def _room(self) -> int:
        """Return how many may be on their way: while the app is down one, when its time comes."""
        if not self._state.is_down:
            return self._policy.concurrency
        return 1 if self._state.may_try(self._now()) else 0

    async def _attempt(self, due: Due, record: Record, phase: int) -> None:
        sent = await self._send(record, due.number)
        at, chance = self._now(), self._chance()
        forward = forward_after(
            sent.attempt, retries=self._policy.retries, asked_s=sent.asked_s, at=at, chance=chance
        )
        await self._settle(due, sent.attempt, forward)
        backlog = await self._backlog() if self._state.is_down else None
        down_s = self._state.down_s(at)
        self._state.learn(sent.attempt, begun_in=phase, at=at, chance=chance)
        if down_s is None and self._state.is_down:
            self._publish(TargetDown(self._url, sent.attempt.reason or "no answer"))
        elif down_s is not None and not self._state.is_down:
            waiting = 0 if backlog is None else backlog.pending + backlog.waiting
            self._publish(TargetUp(self._url, down_s, waiting))
        self._tell_of_delivery(sent.attempt, forward)
        self._lanes.put_back(due, forward)
        self._counter.may_differ = True
        self._stirred.set()

    def _tell_of_delivery(self, attempt: Attempt, forward: Forward) -> None:
        """Tell of an attempt, but not of each that finds nobody while the app is down."""
        found_nobody = self._state.is_down and attempt.status is None
        if not found_nobody or forward.state is not ForwardState.WAITING:
            self._publish(Forwarded(attempt, forward))

    async def _rest(self) -> None:
        """Wait until something happens, or it is time for something."""
        with anyio.move_on_after(self._rest_s()) as rest:
            await self._stirred.wait()
        if rest.cancelled_caught:
            self._lanes.look_again()
        self._stirred = anyio.Event()

    def _rest_s(self) -> float:
        at = self._now()
        moments = (self._state.next_at, self._lanes.next_at)
        ahead_s = [(moment - at).total_seconds() for moment in moments if moment and moment > at]
        counter_s = self._counter.due_s() if self._state.is_down else None
        if counter_s is not None:
            ahead_s.append(max(counter_s - anyio.current_time(), 0.0))
        return min([LONGEST_REST_S, *ahead_s])

    async def _settle(self, due: Due, attempt: Attempt, forward: Forward) -> None:
        async def settle() -> None:
            cursor = self._lanes.cursor(once_noted=due)
            await self._store.settle(attempt, forward, cursor=cursor)
            self._lanes.noted(cursor)

        await self._patience.until_done(settle)

    async def _note_cursor(self) -> None:
        """Have the store pass over what is not to be forwarded, where no outcome did so."""
        cursor = self._lanes.cursor()
        if self._lanes.taken or cursor <= self._lanes.noted_to:
            return
        await self._patience.until_done(lambda: self._store.advance(self._url, cursor))
        self._lanes.noted(cursor)

    async def _backlog(self) -> Backlog:
        return await self._patience.until_done(
            lambda: self._store.backlog(self._url, duplicates=self._policy.duplicates)
        )
