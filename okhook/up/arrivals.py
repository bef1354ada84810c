"""Wait until a certain record is in the store: a canary, or the org's first event."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import anyio

from okhook.records.record import Record
from okhook.runtime.hub import ActivityHub
from okhook.store.contract import Store

_PAGE = 100


@final
@dataclass(frozen=True, slots=True)
class Arrivals:
    """The records of ``store``, as ``hub`` announces them."""

    store: Store
    hub: ActivityHub

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        return await self.store.last_seq()

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""
        with self.hub.subscribe() as published:
            while True:
                while records := await self.store.after(after_seq, _PAGE):
                    for record in records:
                        if wanted(record):
                            return record
                    after_seq = records[-1].seq
                if not await published.batch():
                    await anyio.sleep_forever()
