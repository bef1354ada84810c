"""Read the next deliveries to send by the handful."""

from collections.abc import Sequence

import anyio

from okhook.records.record import Record
from okhook.store.contract import Store

AT_ONCE = 16
"""How many deliveries are read at once, while their bodies have fewer than 256 KiB."""

_BYTES_AT_ONCE = 256 * 1024
_FRESH_S = 1.0


class ReadAhead:
    """The next records of one target: each read is a round trip to a thread, or to a database.

    They are used for a second only, so that okhook does not send what was pruned long ago.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._records: dict[int, Record] = {}
        self._read_at_s = 0.0

    async def record(self, seqs: Sequence[int]) -> Record | None:
        """Return the first of the records, None if it was pruned. If it must be read, read all."""
        await self.prepare(seqs)
        return self._records.pop(seqs[0], None)

    async def prepare(self, seqs: Sequence[int]) -> None:
        """Read the records, unless the first of them was just read."""
        is_fresh = anyio.current_time() < self._read_at_s + _FRESH_S
        if is_fresh and seqs[0] in self._records:
            return
        found = await self._store.records(seqs, _BYTES_AT_ONCE)
        self._read_at_s = anyio.current_time()
        self._records = {record.seq: record for record in found}
