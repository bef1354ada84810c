"""A receiver in a thread of the test's own process, as ``okhook serve`` runs one.

Commands that get the same home find it by its run file, and its store is the home's::

    with receiver(home=tmp_path) as running:
        run_okhook("send-sample", home=tmp_path)
        (record,) = running.wait_for(1)

Use a process (``tests.support.okhook_process``) only for what is about ``okhook serve`` itself.
"""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from okhook.activity import Published, StoreGrew
from okhook.config.paths import run_directory, store_file, uptime_directory
from okhook.receiver.running import ReceiverConfig
from okhook.records.record import Record
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun, RunDirectory
from okhook.runtime.uptime import Uptime
from okhook.secret import HookAuth, Secret
from okhook.serve.running import ServeConfig, opened_store, receiving
from tests.support.kept import kept_in
from tests.support.okhook_process import PATIENCE_S


class Receiver:
    """A running receiver: its URL, and what it stored."""

    def __init__(self, home: Path) -> None:
        self.url = ""
        self._home = home
        self._last_seq = 0
        self._grew = threading.Condition()

    def publish(self, published: Published) -> None:
        if isinstance(published, StoreGrew):
            with self._grew:
                self._last_seq = max(self._last_seq, published.seq)
                self._grew.notify_all()

    def wait_for(self, count: int) -> list[Record]:
        """Return everything in the store, once it has received ``count`` requests in all."""
        with self._grew:
            if not self._grew.wait_for(lambda: self._last_seq >= count, PATIENCE_S):
                raise AssertionError(f"{count} requests did not come: {kept_in(self._home)}")
        return kept_in(self._home)


@contextmanager
def receiver(
    *, home: Path, secret: str | None = None, port: int = 0, name: str | None = None
) -> Iterator[Receiver]:
    """Receive for as long as the block lasts, on a free port where none is named."""
    auth = None if secret is None else HookAuth("Authorization", Secret(secret))
    config = ReceiverConfig(port=port, auth=auth, name=name)
    started = Receiver(home)
    with start_blocking_portal() as portal:
        running = _running(config, home / "state", started)
        with portal.wrap_async_context_manager(running) as it:
            started.url = it.url
            yield started


@asynccontextmanager
async def _running(
    config: ReceiverConfig, state: Path, started: Receiver
) -> AsyncIterator[ReceiverRun]:
    async with (
        opened_store(store_file(state), started.publish, config.name) as store,
        receiving(
            ServeConfig(config),
            store=store,
            publish=started.publish,
            now=utc_now,
            run_directory=RunDirectory(run_directory(state)),
        ) as running,
        Uptime(uptime_directory(state), now=utc_now).kept(),
    ):
        yield running
