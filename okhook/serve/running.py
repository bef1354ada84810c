"""Run a receiver with its store and its forwarders."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import anyio

from okhook.activity import Activity, Published, StoreGrew, StoreRecovered, StoreTrouble, Warned
from okhook.config.store_location import StoreLocation
from okhook.errors import ConfigurationError, StoreFailed, StoreFull, StoreUnavailable
from okhook.forward.forwarder import ForwardConfig
from okhook.forward.running import forwarding
from okhook.receiver.running import ReceiverConfig, refusing_receiver, running_receiver
from okhook.records.activities import TargetDown, TargetUp
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.run_files import DownApp, ReceiverRun, RunDirectory
from okhook.runtime.shutdown import usual_grace_s
from okhook.store.contract import Store
from okhook.store.open import free_bytes, open_store

_PLENTY_BYTES = 16 << 20
"""With so much room nobody has to try whether the store can be opened."""

_LEAST_BYTES = 256 << 10
"""Room for the files that a receiver needs beside its store."""

_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The configuration of a receiver, and of forwarding if there is any."""

    receiver: ReceiverConfig
    forward: ForwardConfig | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        """The URLs that deliveries are forwarded to, each once, in their order."""
        return () if self.forward is None else tuple(dict.fromkeys(self.forward.targets))


@asynccontextmanager
async def opened_store(
    where: StoreLocation, publish: Callable[[Published], None], receiver: str | None = None
) -> AsyncIterator[Store]:
    """Open a store for a receiver, and publish its growth and its problems."""
    went_at_s = 0.0

    def went(error: StoreFailed) -> None:
        nonlocal went_at_s
        went_at_s = time.monotonic()
        publish(StoreTrouble(error.what if error.why is None else f"{error.what}: {error.why}"))

    def came_back() -> None:
        publish(StoreRecovered(str(where), round(time.monotonic() - went_at_s, 1)))

    async with open_store(where, receiver) as store:
        store.on_growth(lambda seq: publish(StoreGrew(seq)))
        store.on_trouble(went, came_back)
        yield store


async def fault_at_start(where: StoreLocation) -> StoreUnavailable | None:
    """Return the fault if the store cannot be opened now: its disk is full, or it is away."""
    free = free_bytes(where)
    return None if free is not None and free >= _PLENTY_BYTES else await _fault_of_opening(where)


async def _fault_of_opening(where: StoreLocation) -> StoreUnavailable | None:
    try:
        async with open_store(where):
            free = free_bytes(where)
    except StoreUnavailable as fault:
        return fault
    if free is None or free >= _LEAST_BYTES:
        return None
    return StoreFull(f"the store {where} cannot grow", why=f"{free >> 10} KiB are free on its disk")


async def refuse_until_it_opens(
    where: StoreLocation,
    fault: StoreUnavailable,
    receiver: ReceiverConfig,
    *,
    publish: Callable[[Activity], None],
    now: Callable[[], datetime],
    counters: ServiceCounters,
) -> ReceiverConfig:
    """Answer 503 until the store can be opened; return where the receiver listened."""
    until = "there is disk space" if isinstance(fault, StoreFull) else "it can be reached"
    refusing = refusing_receiver(receiver, fault, publish=publish, now=now, counters=counters)
    async with refusing as (url, port):
        publish(Warned(f"{fault.what} ({fault.why}): {url} returns 503 until {until}"))
        while True:
            await anyio.sleep(_LOOK_EVERY_S)
            if await _fault_of_opening(where) is None:
                break
    return replace(receiver, port=port)


@asynccontextmanager
async def receiving(
    config: ServeConfig,
    *,
    store: Store,
    publish: Callable[[Published], None],
    now: Callable[[], datetime],
    run_directory: RunDirectory,
    counters: ServiceCounters | None = None,
    grace_s: Callable[[], float] = usual_grace_s,
) -> AsyncIterator[ReceiverRun]:
    """Receive into ``store``, and forward from it, or raise ``PortInUse`` or ``StoreFailed``.

    Forwarding starts first, so that a new target misses no delivery. At the end, requests and
    attempts in flight get as many seconds as ``grace_s`` returns.
    """
    receiver, down_apps = config.receiver, DownApps(run_directory, now)

    def publish_forwarding(activity: Activity) -> None:
        publish(activity)
        down_apps.learn(activity)

    async with (
        forwarding(
            config.forward,
            store=store,
            auth=receiver.auth,
            publish=publish_forwarding,
            now=now,
            counters=counters,
            grace_s=grace_s,
        ) as finish_forwarding,
        running_receiver(
            receiver,
            append=store.append,
            publish=publish,
            now=now,
            run_directory=run_directory,
            forward_to=config.targets,
            counters=counters,
            grace_s=grace_s,
        ) as running,
    ):
        down_apps.runs_on(running.port)
        try:
            yield running
        finally:
            finish_forwarding()


@dataclass(slots=True)
class DownApps:
    """Notes in the receiver's run file which apps are down, so that the inspector can say it."""

    run_directory: RunDirectory
    now: Callable[[], datetime]
    _port: int | None = None
    _down: dict[str, DownApp] = field(default_factory=dict)

    def learn(self, activity: Activity) -> None:
        """Take an activity into account."""
        match activity:
            case TargetDown(target=url, reason=reason):
                self._down[url] = DownApp(url, self.now(), reason)
            case TargetUp(target=url):
                self._down.pop(url, None)
            case _:
                return
        self._note()

    def runs_on(self, port: int) -> None:
        """Begin to note them: the receiver runs on ``port``, and has a run file."""
        self._port = port
        if self._down:
            self._note()

    def _note(self) -> None:
        if self._port is None:
            return
        down = tuple(self._down.values())
        # On a full disk the inspector does not know it, but everything else goes on.
        with suppress(ConfigurationError):
            self.run_directory.change(
                ReceiverRun, ReceiverRun.name(self._port), lambda run: replace(run, down=down)
            )
