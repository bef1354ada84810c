"""Send every delivery from the store to each app, at least once."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import anyio
from anyio.abc import TaskGroup

from okhook.activity import Activity
from okhook.config.settings import Settings
from okhook.errors import StoreFailed
from okhook.forward.delivery_queue import DeliveryQueue, Due
from okhook.forward.port_check import PortCheck
from okhook.forward.retry import StorePatience, TargetState, forward_after, longest_retries_s
from okhook.forward.sending import Destination, Send
from okhook.records.activities import (
    Backlogged,
    Forwarded,
    TargetDown,
    TargetUp,
)
from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState, Target
from okhook.records.record import Record
from okhook.runtime.counters import ServiceCounters
from okhook.secret import HookAuth, StreamLogin
from okhook.store.contract import Lease, Store
from okhook.wire.url import without_credentials

LONGEST_REST_S = 15.0
"""The longest single wait, because timers stop while a laptop sleeps."""

_SETTLING_AT_ONCE = 4

_COUNT_EVERY_S = 1.0
"""How often the backlog is counted while an app is down."""

CHECK_EVERY_S = 1.0
"""How often okhook looks whether an app on this machine listens again."""


@dataclass(frozen=True, slots=True)
class ForwardConfig:
    """The targets that get every delivery, by URL. ``retries`` are attempts after the first.

    With ``skip_backlog`` they get only what comes from now on. ``logins`` are those of streams.
    """

    targets: tuple[str, ...] = ()
    retries: int = Settings.retries.default
    concurrency: int = 1
    duplicates: bool = True
    skip_backlog: bool = False
    timeout_s: float = Settings.forward_timeout.default
    send_secret: bool = False
    logins: Mapping[str, StreamLogin] = field(default_factory=dict)

    def destination(self, url: str, auth: HookAuth | None) -> Destination:
        """Return where to send what is forwarded to the target ``url``."""
        return Destination(
            url,
            auth,
            self.send_secret,
            self.timeout_s,
            self.logins.get(url),
            longest_retries_s(self.retries) + (1 + self.retries) * self.timeout_s,
        )


class Forwarder:
    """Sends the store's deliveries to one target, and stores outcomes. ``chance`` is 0 … 1.

    ``listens`` tells whether an app on this machine listens; None for any other target.
    """

    def __init__(
        self,
        target: Target,
        config: ForwardConfig,
        *,
        store: Store,
        send: Send,
        listens: PortCheck | None,
        publish: Callable[[Activity], None],
        now: Callable[[], datetime],
        chance: Callable[[], float],
        counters: ServiceCounters | None = None,
    ) -> None:
        self.url = target.url
        self._config = config
        self._store = store
        self._send = send
        self._listens = listens
        self._publish = publish
        self._now = now
        self._chance = chance
        self._counters = counters or ServiceCounters()
        self._state = TargetState()
        self._queue = DeliveryQueue(store, target, duplicates=config.duplicates)
        self._patience = StorePatience(
            f"forwarding to {without_credentials(target.url)}", publish=publish, chance=chance
        )
        self._published_backlog = Backlog(0, 0, 0)
        self._backlog_may_differ = True
        self._count_at_s = self._check_at_s = 0.0
        self._woken = anyio.Event()
        self._lease: Lease
        self._finishing = False
        self._settling = 0
        """How many outcomes of an app that answers are being stored."""

    def wake(self) -> None:
        """Look for new deliveries. Call it whenever the store grew."""
        self._queue.grew()
        self._backlog_may_differ = True
        self._woken.set()

    def finish(self) -> None:
        """Begin no more attempts, and end when those under way have ended."""
        self._finishing = True
        self._woken.set()

    @property
    def is_sending(self) -> bool:
        """Whether deliveries are being sent, or their outcome is being stored."""
        return self._queue.taken > 0

    async def publish_backlog(self) -> None:
        """Publish the backlog if it changed, at most once a second."""
        at_s = anyio.current_time()
        if not self._backlog_may_differ or at_s < self._count_at_s:
            return
        self._backlog_may_differ = False
        self._count_at_s = at_s + _COUNT_EVERY_S
        before, self._published_backlog = self._published_backlog, await self._backlog()
        if self._published_backlog != before:
            self._publish(Backlogged(self.url, self._published_backlog))

    async def run(self, lease: Lease) -> None:
        """Forward until finished or cancelled, or until ``LeaseLost``.

        An attempt that is cut off is made again later.

        It begins where the store says that the last one with the lease ended.
        """
        self._lease, self._settling = lease, 0
        opened = await self._patience.until_done(partial(self._store.open_target, self.url))
        self._queue = DeliveryQueue(self._store, opened, duplicates=self._config.duplicates)
        async with anyio.create_task_group() as tasks:
            while not self._finishing or self._queue.taken:
                await self._check_port()
                await self._begin_what_is_due(tasks)
                if not self._state.is_down:
                    with suppress(StoreFailed):  # it is read again when it is due
                        await self._queue.read_ahead()
                await self._note_cursor()
                if self._state.is_down:
                    await self.publish_backlog()
                await self._rest()

    async def _check_port(self) -> None:
        """Look whether a down app listens again. An attempt would tell, too, but those count."""
        at_s = anyio.current_time()
        if self._listens is None or not self._may_check_port() or at_s < self._check_at_s:
            return
        self._check_at_s = at_s + CHECK_EVERY_S
        self._state.checked(listens=await self._listens())

    def _may_check_port(self) -> bool:
        return self._state.is_down and not self._queue.taken

    async def _begin_what_is_due(self, tasks: TaskGroup) -> None:
        while not self._finishing and self._under_way() < self._room():
            await self._patience.until_done(self._queue.look)
            due = self._queue.take(self._now(), self._state)
            if due is None:
                return
            record = await self._patience.until_done(partial(self._queue.record, due))
            if record is None:
                self._queue.leave_out(due)
            elif self._under_way() > self._room():  # the app went down meanwhile
                self._queue.give_back(due)
            else:
                tasks.start_soon(self._attempt, due, record, self._state.phase)

    def _under_way(self) -> int:
        """Return how many deliveries take room: not those whose outcome is being stored.

        So the next ones need not wait for that, and share a commit. If okhook is killed, those are
        sent again, too: at most as many as may be under way, or four.
        """
        most = max(self._config.concurrency, _SETTLING_AT_ONCE)
        return self._queue.taken - min(self._settling, most)

    def _room(self) -> int:
        """Return how many deliveries may be under way; for a down app one, when it is time."""
        if not self._state.is_down:
            return self._config.concurrency
        return 1 if self._state.may_try(self._now()) else 0

    async def _attempt(self, due: Due, record: Record, phase: int) -> None:
        await self._patience.until_done(self._lease.confirm)
        sent = await self._send(record, due.number)
        self._counters.attempted(self.url, sent.attempt.outcome)
        at, chance = self._now(), self._chance()
        forward = forward_after(
            sent.attempt, retries=self._config.retries, asked_s=sent.asked_s, at=at, chance=chance
        )
        answers = sent.attempt.status is not None and not self._state.is_down
        if answers:
            self._settling += 1
            self._woken.set()
        await self._settle(due, sent.attempt, forward)
        self._settling -= answers
        backlog = await self._backlog() if self._state.is_down else None
        down_s = self._state.down_s(at)
        self._state.learn(sent.attempt, begun_in=phase, at=at, chance=chance)
        if down_s is None and self._state.is_down:
            self._publish(TargetDown(self.url, sent.attempt.reason or "no answer"))
        elif down_s is not None and not self._state.is_down:
            waiting = 0 if backlog is None else backlog.pending + backlog.waiting
            self._publish(TargetUp(self.url, down_s, waiting))
        is_news = sent.attempt.status is not None or forward.state is not ForwardState.WAITING
        if is_news or not self._state.is_down:  # TargetDown says it once
            self._publish(Forwarded(sent.attempt, forward))
        self._queue.put_back(due, forward)
        self._backlog_may_differ = True
        self._woken.set()

    async def _rest(self) -> None:
        with anyio.move_on_after(self._rest_s()) as rest:
            await self._woken.wait()
        if rest.cancelled_caught:
            self._queue.look_again()
        self._woken = anyio.Event()

    def _rest_s(self) -> float:
        at = self._now()
        moments = (self._state.next_at, self._queue.next_at)
        ahead_s = [(moment - at).total_seconds() for moment in moments if moment and moment > at]
        if self._listens is not None and self._may_check_port():
            ahead_s.append(max(self._check_at_s - anyio.current_time(), 0.0))
        if self._state.is_down and self._backlog_may_differ:
            ahead_s.append(max(self._count_at_s - anyio.current_time(), 0.0))
        return min([LONGEST_REST_S, *ahead_s])

    async def _settle(self, due: Due, attempt: Attempt, forward: Forward) -> None:
        async def settle() -> None:
            cursor = self._queue.cursor(once_noted=due)
            await self._store.settle(attempt, forward, cursor=cursor, lease=self._lease)
            self._queue.noted(cursor)

        await self._patience.until_done(settle)

    async def _note_cursor(self) -> None:
        cursor = self._queue.cursor()
        if self._queue.taken or cursor <= self._queue.noted_to:
            return
        await self._patience.until_done(
            partial(self._store.advance, self.url, cursor, lease=self._lease)
        )
        self._queue.noted(cursor)

    async def _backlog(self) -> Backlog:
        return await self._patience.until_done(
            lambda: self._store.backlog(self.url, duplicates=self._config.duplicates)
        )
