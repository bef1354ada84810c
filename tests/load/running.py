"""A load in a thread of its own, beside a test that looks at the server or kills it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import final

import anyio

from tests.load.deliveries import FreshDelivery
from tests.load.generator import post_all
from tests.load.outcomes import Outcomes
from tests.support.okhook_process import PATIENCE_S

_LOOK_EVERY_S = 0.001


@final
class RunningLoad:
    """A load that runs. ``outcomes`` grows, and is complete once :meth:`finish` has returned."""

    def __init__(self, url: str, deliveries: Iterator[FreshDelivery], *, connections: int) -> None:
        self.outcomes = Outcomes()
        self._url = url
        self._connections = connections
        self._stopped = threading.Event()
        self._deliveries = takewhile(lambda _: not self._stopped.is_set(), deliveries)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to post."""
        self._thread.start()

    def wait_until(self, reached: Callable[[Outcomes], bool]) -> None:
        """Wait until ``reached`` holds; a load that ends before, or never gets there, fails."""
        give_up_at = time.monotonic() + PATIENCE_S
        while not reached(self.outcomes):
            if not self._thread.is_alive() and not reached(self.outcomes):
                raise AssertionError(f"the load ended before: {self.outcomes.summary()}")
            if time.monotonic() > give_up_at:
                raise AssertionError(f"the load did not get there: {self.outcomes.summary()}")
            self._thread.join(_LOOK_EVERY_S)

    def finish(self) -> Outcomes:
        """Begin no more, wait for the answers that are to come, and return what became of all."""
        self._stopped.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), f"an answer is missing: {self.outcomes.summary()}"
        return self.outcomes

    def _run(self) -> None:
        anyio.run(self._post)

    async def _post(self) -> None:
        await post_all(self._url, self._deliveries, self.outcomes, connections=self._connections)


@contextmanager
def running_load(
    url: str, deliveries: Iterator[FreshDelivery], *, connections: int
) -> Iterator[RunningLoad]:
    """Post for as long as the block lasts, or until the server is gone."""
    load = RunningLoad(url, deliveries, connections=connections)
    load.start()
    try:
        yield load
    finally:
        load.finish()
