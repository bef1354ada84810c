"""Run a forwarder for each target, from the start to an end in order."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import anyio

from okhook.activity import TELL_AFTER_S, Activity, Stopping, Warned
from okhook.forward.forwarder import ForwardConfig, Forwarder
from okhook.forward.lease import forward_while_leased
from okhook.forward.port_check import port_check
from okhook.forward.senders import Senders
from okhook.http.client import HttpClient
from okhook.records.activities import BacklogSkipped, WaitingElsewhere
from okhook.records.attempt import Purpose, Target
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.shutdown import usual_grace_s
from okhook.secret import HookAuth
from okhook.store.contract import Store


@dataclass(eq=False, slots=True)
class Forwarders:
    """The forwarders of a process. A cancellation from outside does not cut them off."""

    store: Store
    publish: Callable[[Activity], None]
    counters: ServiceCounters
    grace_s: Callable[[], float]
    each: list[Forwarder] = field(default_factory=list)
    _ending: anyio.Event = field(default_factory=anyio.Event)
    _telling: asyncio.TimerHandle | None = None
    _scope: anyio.CancelScope = field(default_factory=lambda: anyio.CancelScope(shield=True))

    def wake(self, _: int) -> None:
        """Look for new deliveries."""
        for forwarder in self.each:
            forwarder.wake()

    async def run(self) -> None:
        """Forward until :meth:`finish`, and finish what is under way, or be cancelled then."""
        with self._scope:
            async with anyio.create_task_group() as tasks:
                for forwarder in self.each:
                    forward = partial(
                        forward_while_leased,
                        forwarder.url,
                        forwarder.run,
                        store=self.store,
                        publish=self.publish,
                        counters=self.counters,
                        ending=self._ending,
                    )
                    tasks.start_soon(forward)
        if self._telling is not None:
            self._telling.cancel()

    def finish(self) -> None:
        """Begin no more attempts. Those under way get as many seconds as ``grace_s`` returns."""
        if self._ending.is_set():
            return
        self._ending.set()
        grace_s = self.grace_s()
        self._scope.deadline = anyio.current_time() + grace_s
        loop = asyncio.get_running_loop()
        self._telling = loop.call_later(TELL_AFTER_S, self._tell_of_rest, grace_s)
        for forwarder in self.each:
            forwarder.finish()

    def _tell_of_rest(self, grace_s: float) -> None:
        if targets := tuple(each.url for each in self.each if each.is_sending):
            self.publish(Stopping(grace_s, targets=targets))


@asynccontextmanager
async def forwarding(
    config: ForwardConfig | None,
    *,
    store: Store,
    auth: HookAuth | None,
    publish: Callable[[Activity], None],
    now: Callable[[], datetime],
    counters: ServiceCounters | None = None,
    grace_s: Callable[[], float] = usual_grace_s,
) -> AsyncIterator[Callable[[], None]]:
    """Forward new deliveries and the backlog while the block runs; nothing without a ``config``.

    The store knows every target before the block begins, so that no new delivery is missed; if
    it cannot save them, ``StoreFailed`` is raised. An attempt that is cut off is made again.

    ``counters`` count the attempts, and say which leases this process has.

    The block gets a function that begins the end: no more attempts are begun, and those under way
    get as many seconds as ``grace_s`` returns. The end of the block calls it, too.
    """
    counters = counters or ServiceCounters()
    if config is None:
        yield lambda: None
        return
    targets = [await _opened(url, config, store, publish) for url in dict.fromkeys(config.targets)]
    most = max(1, len(targets) * config.concurrency)
    client = HttpClient(max_connections=most)
    async with Senders(client, now=now, warn=lambda text: publish(Warned(text))) as senders:
        forwarders = Forwarders(store, publish, counters, grace_s)
        for target in targets:
            to = config.destination(target.url, auth)
            forwarder = Forwarder(
                target,
                config,
                store=store,
                send=senders.send_to(to, Purpose.FORWARD),
                listens=port_check(target.url),
                publish=publish,
                now=now,
                chance=random.random,
                counters=counters,
            )
            await forwarder.publish_backlog()
            forwarders.each.append(forwarder)

        store.on_growth(forwarders.wake)
        async with anyio.create_task_group() as tasks, anyio.create_task_group() as looking:
            looking.start_soon(senders.look)
            tasks.start_soon(forwarders.run)
            try:
                yield forwarders.finish
            finally:
                looking.cancel_scope.cancel()
                forwarders.finish()


async def _opened(
    url: str, config: ForwardConfig, store: Store, publish: Callable[[Activity], None]
) -> Target:
    """Open a target, and publish what is skipped, and what waits for it elsewhere."""
    target = await store.open_target(url)
    if config.skip_backlog:
        skipped = await store.backlog(url, duplicates=config.duplicates)
        await store.skip_backlog(url)
        target = await store.open_target(url)
        if count := skipped.pending + skipped.waiting:
            publish(BacklogSkipped(url, count))
    elsewhere = await store.backlogs_elsewhere(url, duplicates=config.duplicates)
    for receiver, backlog in elsewhere.items():
        if count := backlog.pending + backlog.waiting:
            publish(WaitingElsewhere(url, receiver, count))
    return target
