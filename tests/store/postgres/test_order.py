"""The order of numbers is the order of commits, whatever else happens in the database."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator

import anyio
import anyio.to_thread
import pytest

from okhook.store.contract import Store
from okhook.store.postgres.store import postgres_store
from tests.support.okhook_process import PATIENCE_S
from tests.support.postgres import Cluster
from tests.support.records import stored
from tests.support.waiting import until, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]

_COMMITS_IN_ANY_ORDER = """
    CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(random() * 0.01); RETURN NEW; END $$;
    CREATE TRIGGER dawdle BEFORE INSERT ON okhook.record
    FOR EACH STATEMENT EXECUTE FUNCTION public.dawdle();
    CREATE TRIGGER dawdle_again AFTER INSERT ON okhook.record
    FOR EACH STATEMENT EXECUTE FUNCTION public.dawdle();
"""


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    async with postgres_store(postgres_url, "ci") as store:
        yield store


async def append(store: Store, count: int, name: str = "event") -> None:
    for number in range(count):
        await store.append(stored(f"{name}-{number}", f"uuid-{name}-{number}"))


async def test_no_number_appears_before_a_lower_one(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """Of what a reader sees at any moment, nothing is missing in between, then or later.

    Four receivers append at once, and each waits for a random time after it took its numbers. What
    one has stored is looked at before it stores the next.
    """
    database = postgres_url.rpartition("/")[2]
    seen: list[list[int]] = []
    ended = threading.Event()

    def look() -> None:
        with postgres_cluster.connect(database) as connection:
            while not ended.is_set():
                rows = connection.execute("SELECT seq FROM okhook.record ORDER BY seq")
                seen.append([int(str(seq)) for (seq,) in rows])

    async def append_seen(store: Store, name: str) -> None:
        for number in range(25):
            looks = len(seen)
            await store.append(stored(f"{name}-{number}", f"uuid-{name}-{number}"))
            await until(lambda: len(seen) > looks)  # noqa: B023 - it ends with this turn

    async with (
        postgres_store(postgres_url, "one") as one,
        postgres_store(postgres_url, "two") as two,
        postgres_store(postgres_url, "three") as three,
        postgres_store(postgres_url, "four") as four,
        anyio.create_task_group() as tasks,
    ):
        postgres_cluster.sql(_COMMITS_IN_ANY_ORDER, database=database)
        tasks.start_soon(anyio.to_thread.run_sync, look)
        async with anyio.create_task_group() as writers:
            for number, store in enumerate((one, two, three, four)):
                writers.start_soon(append_seen, store, str(number))
        ended.set()
    postgres_cluster.sql("DROP FUNCTION public.dawdle() CASCADE", database=database)
    last = seen[-1] if len(seen[-1]) == 100 else list(range(1, 101))
    assert all(numbers == last[: len(numbers)] for numbers in seen)
    assert len({len(numbers) for numbers in seen}) > 10


async def test_open_transactions_of_others_stall_nothing(
    store: Store, postgres_url: str, postgres_cluster: Cluster
) -> None:
    """In this database and in another one, before and after a record was stored."""
    here = postgres_url.rpartition("/")[2]
    with postgres_cluster.connect(here) as this, postgres_cluster.connect() as other:
        for connection in (this, other):
            connection.execute("BEGIN")
            connection.execute("CREATE TEMPORARY TABLE mine AS SELECT pg_current_xact_id()")
        await append(store, 3)
        with anyio.fail_after(PATIENCE_S):
            assert await store.settled() == 3
        assert [record.seq for record in await store.after(0, 10)] == [1, 2, 3]
        this.execute("ROLLBACK")
        await append(store, 1, "later")
        with anyio.fail_after(PATIENCE_S):
            assert await store.settled() == 4
        assert [record.seq for record in await store.after(3, 10)] == [4]


_POUR = """
import anyio, contextlib, sys
from okhook.errors import StoreFailed
from okhook.store.postgres.store import postgres_store
from tests.support.records import stored

async def pour():
    async with postgres_store(sys.argv[1], "ci") as store, anyio.create_task_group() as tasks:
        async def append(name):
            number = 0
            while True:
                number += 1
                with contextlib.suppress(StoreFailed):  # it took too long, because it was stopped
                    await store.append(stored(f"{name}-{number}"))
        for each in range(8):
            tasks.start_soon(append, f"poured-{each}")

anyio.run(pour)
"""


async def test_a_process_that_stops_holds_up_no_other(store: Store, postgres_url: str) -> None:
    """Wherever it was when it stopped: a batch is one statement, and no lock outlives that."""

    async def newest() -> int:
        return await store.last_seq()

    pouring = subprocess.Popen([sys.executable, "-c", _POUR, postgres_url])
    try:
        for _ in range(3):
            before = await newest()
            with anyio.fail_after(PATIENCE_S):
                while await newest() < before + 20:  # noqa: ASYNC110 - another process appends
                    await anyio.sleep(0.01)
            os.kill(pouring.pid, signal.SIGSTOP)
            await append(store, 3)  # a lock is waited for for two seconds
            with anyio.fail_after(PATIENCE_S):  # the server ends its transaction if it derives
                await store.settled()
            os.kill(pouring.pid, signal.SIGCONT)
    finally:
        pouring.kill()
        wait_until(lambda: pouring.poll() is not None)
