"""Wait for a record in the store: a canary that was sent, an event of the org."""

from collections.abc import Callable
from typing import Protocol, final

import anyio

from okhook.activity import StoreGrew
from okhook.records.record import Record
from okhook.runtime.hub import ActivityHub, Subscription

_PAGE = 100


class Records(Protocol):
    """What arrivals are read from."""

    async def after(self, seq: int, limit: int) -> list[Record]:
        """Return records after ``seq``, oldest first."""
        ...

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        ...


@final
class Arrivals:
    """Reads what comes into the store, as the hub tells of it."""

    def __init__(self, records: Records, hub: ActivityHub) -> None:
        self._records = records
        self._hub = hub

    async def last_seq(self) -> int:
        """Return where the store ends for now."""
        return await self._records.last_seq()

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""
        with self._hub.subscribe() as published:
            while True:
                while records := await self._records.after(after_seq, _PAGE):
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
