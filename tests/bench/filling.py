"""Fill a store with a history, through its own writer, and note what can be looked for in it."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio

from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.store.contract import Store
from okhook.store.open import open_store
from okhook.store.progress import Progress, progress_of
from okhook.store.sqlite.connection import connect_reading
from okhook.wire.delivery import InboundRequest
from tests.bench.history import History
from tests.load.kept import event_id_of

TARGET = "http://127.0.0.1:3000/hook"
FAILED_EVERY = 200

_AT_ONCE = 256
_FACTS = "filled.json"


@dataclass(frozen=True, slots=True)
class Filled:
    """A store that is filled: how many deliveries, and what occurs in it how often."""

    deliveries: int
    event_id: str
    common_word: str
    rare_login: str


def filled(state: Path, count: int, *, forwarded: int) -> Filled:
    """Fill the store in the directory ``state``, or take the one that is there.

    The newest ``forwarded`` deliveries were forwarded, and one in 200 of them failed.
    """
    facts = state / _FACTS
    if facts.exists():
        return Filled(**json.loads(facts.read_text()))
    found = anyio.run(_fill, state / "store.db", count, forwarded)
    facts.write_text(json.dumps(asdict(found)))
    return found


async def _fill(store_file: Path, count: int, forwarded: int) -> Filled:
    history = History(count, datetime.now(UTC))
    event_id = ""
    began = time.monotonic()

    def requests() -> Iterator[InboundRequest]:
        nonlocal event_id
        for number, request in enumerate(history):
            if number == count // 2:
                event_id = event_id_of(request.body)
            if number % 50_000 == 0:
                print(f"{number:,} deliveries, {time.monotonic() - began:.0f} s", flush=True)
            yield request

    async with open_store(store_file) as store:
        await _append_all(store, requests())
        await _forward(store, await store.last_seq(), forwarded)
        print(f"deriving, {time.monotonic() - began:.0f} s", flush=True)
        await _wait_until_derived(store_file)
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    return Filled(count, event_id, history.people[0].first_name, history.people[-1].login)


async def _append_all(store: Store, requests: Iterator[InboundRequest]) -> None:
    """Append many at a time, so that they share commits as in a receiver."""

    async def append() -> None:
        for request in requests:
            record = NewRecord(RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED)
            await store.append(record)

    async with anyio.create_task_group() as tasks:
        for _ in range(_AT_ONCE):
            tasks.start_soon(append)


async def _forward(store: Store, last_seq: int, count: int) -> None:
    """Note an attempt for each of the newest deliveries, as a forwarder does."""
    await store.open_target(TARGET)
    seqs = iter(range(last_seq - count + 1, last_seq + 1))

    async def settle() -> None:
        for seq in seqs:
            failed = seq % FAILED_EVERY == 0
            status = 400 if failed else 200
            attempt = Attempt(
                seq, TARGET, Purpose.FORWARD, 1, datetime.now(UTC), 0.004, status, answer=b"ok"
            )
            state = ForwardState.FAILED if failed else ForwardState.DONE
            await store.settle(attempt, Forward(seq, TARGET, state, 1), cursor=seq)

    async with anyio.create_task_group() as tasks:
        for _ in range(_AT_ONCE):
            tasks.start_soon(settle)


async def _wait_until_derived(store_file: Path) -> None:
    """Wait until the store's thread has caught up with what it derives after the commits."""
    with closing(connect_reading(store_file)) as connection:
        while (left := _left(progress_of(connection))) > 0:
            print(f"{left:,} left", flush=True)
            await anyio.sleep(10)


def _left(progress: Progress) -> int:
    return progress.last_seq - progress.indexed
