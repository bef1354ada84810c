"""Run a receiver with its store and its forwarders."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from okhook.activity import Published, StoreGrew, Warned
from okhook.errors import StoreFailed
from okhook.forward.forwarder import ForwardConfig, forwarding
from okhook.receiver.running import ReceiverConfig, running_receiver
from okhook.runtime.run_files import ReceiverRun, RunDirectory
from okhook.store.contract import Store
from okhook.store.open import open_store


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The configuration of a receiver, and of forwarding if there is any."""

    receiver: ReceiverConfig
    forward: ForwardConfig | None = None


@asynccontextmanager
async def opened_store(
    path: Path, publish: Callable[[Published], None], receiver: str | None = None
) -> AsyncIterator[Store]:
    """Open the store in ``path`` for a receiver, and publish its growth and its problems."""

    def warn(error: StoreFailed) -> None:
        publish(Warned(error.what if error.why is None else f"{error.what}: {error.why}"))

    async with open_store(path, receiver) as store:
        store.on_growth(lambda seq: publish(StoreGrew(seq)))
        store.on_trouble(warn)
        yield store


@asynccontextmanager
async def receiving(
    config: ServeConfig,
    *,
    store: Store,
    publish: Callable[[Published], None],
    now: Callable[[], datetime],
    run_directory: RunDirectory,
) -> AsyncIterator[ReceiverRun]:
    """Receive into ``store``, and forward from it, or raise ``PortInUse`` or ``StoreFailed``.

    Forwarding starts first, so that a new target misses no delivery.
    """
    receiver = config.receiver
    async with (
        forwarding(config.forward, store=store, auth=receiver.auth, publish=publish, now=now),
        running_receiver(
            receiver,
            append=store.append,
            publish=publish,
            now=now,
            run_directory=run_directory,
            forward_to=() if config.forward is None else tuple(config.forward.targets),
        ) as running,
    ):
        yield running
