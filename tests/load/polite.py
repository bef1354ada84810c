"""Post as a client does that keeps to HTTP: a connection that the server closes is opened again.

Half of the clients keep their connection, as a proxy does, and half open one for each delivery.
"""

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from okhook.wire.hook_call import delivery_headers
from tests.load.deliveries import FreshDelivery
from tests.load.outcomes import Outcomes
from tests.support.okhook_process import PATIENCE_S
from tests.support.waiting import wait_until


@dataclass
class PoliteLoad:
    """``faults`` counts what a client saw instead of an answer, by its name."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    faults: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, acknowledged: int) -> None:
        """Wait until so many more deliveries were answered 204."""
        wanted = len(self.outcomes.acknowledged) + acknowledged
        wait_until(
            lambda: len(self.outcomes.acknowledged) >= wanted,
            lambda: f"{self.outcomes.summary()}, {self.faults}",
        )


@contextmanager
def polite_load(
    url: str,
    deliveries: Iterator[FreshDelivery],
    *,
    clients: int,
    headers: Mapping[str, str] | None = None,
) -> Iterator[PoliteLoad]:
    """Post for as long as the block lasts. A client ends when its connection is refused.

    ``headers`` are sent besides Okta's.
    """
    load, alone = PoliteLoad(), threading.Lock()

    def fresh() -> FreshDelivery:
        with alone:
            return next(deliveries)

    kept = {**dict(delivery_headers("load")), **(headers or {})}
    sent = [kept if n % 2 == 0 else {**kept, "Connection": "close"} for n in range(clients)]
    threads = [threading.Thread(target=_post, args=(url, load, fresh, each)) for each in sent]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stopped.set()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert not any(thread.is_alive() for thread in threads)


def _post(
    url: str, load: PoliteLoad, fresh: Callable[[], FreshDelivery], headers: Mapping[str, str]
) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    while not load.stopped.is_set():
        delivery = fresh()
        try:
            connection.request("POST", parts.path, delivery.body, headers)
            with connection.getresponse() as answer:
                answer.read()
                load.outcomes.answered(delivery, answer.status, 0.0)
        except ConnectionRefusedError:
            load.faults["ConnectionRefusedError"] += 1
            return
        except (OSError, http.client.HTTPException) as error:
            load.faults[type(error).__name__] += 1
            load.outcomes.lost(delivery)
            connection.close()
    connection.close()
