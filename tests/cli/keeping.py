"""Keep one more thing in the store of a home."""

from pathlib import Path

import anyio

from okhook.records.attempt import Attempt, Forward
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.store.open import open_store
from tests.support.records import post


def keep(home: Path, body: bytes, kind: RecordKind = RecordKind.MALFORMED) -> int:
    """Keep a request with that body; return its ``seq``."""
    record = NewRecord(kind, post(body), 400, "not JSON", AuthOutcome.NOT_ASKED)

    async def append() -> int:
        async with open_store(home / "state" / "store.db") as store:
            seq = await store.append(record)
            await store.settled()
            return seq

    return anyio.run(append)


def keep_attempt(home: Path, tried: Attempt, stands: Forward) -> None:
    """Keep an attempt, and where its delivery stands."""

    async def settle() -> None:
        async with open_store(home / "state" / "store.db") as store:
            await store.settle(tried, stands, cursor=0)

    anyio.run(settle)
