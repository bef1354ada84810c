"""Wait for a record in the store: a canary that was sent, an event of the org."""

from collections.abc import Callable
from typing import final

import anyio

from okhook.activity import StoreGrew
from okhook.records.record import Record
from okhook.runtime.hub import ActivityHub, Subscription
from okhook.store.contract import Store

_PAGE = 100


@final
class Arrivals:
    """Reads what comes into the store, as the hub tells of it."""

    def __init__(self, store: Store, hub: ActivityHub) -> None:
        self._store = store
        self._hub = hub

    async def last_seq(self) -> int:
        """Return where the store ends for now."""
        return await self._store.last_seq()

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""
        with self._hub.subscribe() as published:
            while True:
                while records := await self._store.after(after_seq, _PAGE):
                    for record in records:
                        if wanted(record):
                            return record
                    after_seq = records[-1].seq
                await _until_it_grew(published)


async def _until_it_grew(published: Subscription) -> None:
    while batch := await published.batch():
        if any(isinstance(seen, StoreGrew) for seen in batch):
            return
    await anyio.sleep_forever()
