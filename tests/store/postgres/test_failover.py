"""Another server takes over: the receiver finds it, and has lost nothing that it acknowledged."""

from signal import SIGQUIT

import anyio
import pytest

from okhook.errors import StoreFailed
from okhook.records.record import RecordFilter
from okhook.store.contract import Store
from okhook.store.postgres.reader import postgres_reader
from okhook.store.postgres.store import postgres_store
from tests.support.okhook_process import PATIENCE_S
from tests.support.postgres import IN_URL, Cluster
from tests.support.records import stored
from tests.support.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]


async def test_a_standby_that_is_promoted_has_every_acknowledged_delivery(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    """With synchronous replication, and all servers in the URL."""
    database = postgres_url.rpartition("/")[2]
    with postgres_cluster.standby() as standby:
        set_ = "ALTER SYSTEM SET synchronous_standby_names"
        postgres_cluster.sql(f"{set_} = '*'", "SELECT pg_reload_conf()")
        hosts = f"127.0.0.1:{postgres_cluster.port},127.0.0.1:{standby.port}"
        url = f"postgresql://postgres:{IN_URL}@{hosts}/{database}?target_session_attrs=read-write"
        try:
            async with postgres_store(url, "ci") as store:
                acknowledged = await appended_until_it_fails(store, postgres_cluster)
                standby.sql("SELECT pg_promote()")
                with anyio.fail_after(PATIENCE_S):
                    while not await is_taken(store, "after"):  # noqa: ASYNC110 - another server
                        await anyio.sleep(0.2)
                await store.settled()
                kept = {each.delivery.event_id for each in await store.after(0, 10_000)}
        finally:
            postgres_cluster.start()
            postgres_cluster.sql("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
    assert len(acknowledged) > 10
    assert {*acknowledged, "after"} <= kept


async def test_a_standby_can_be_read(postgres_cluster: Cluster, postgres_url: str) -> None:
    """Whoever looks at deliveries need not burden the primary; receivers cannot use it."""
    async with postgres_store(postgres_url, "ci") as store:
        await store.append(stored())
        await store.settled()
    with postgres_reader(postgres_url) as reader:
        reader.catch_up(lambda _: None)
    with postgres_cluster.standby() as standby:
        url = standby.url(postgres_url.rpartition("/")[2])
        with postgres_reader(url) as reader:
            assert reader.catch_up(lambda _: None) == 0
            assert len(reader.find(RecordFilter(words=("jane",)), limit=10)) == 1
        with pytest.raises(StoreFailed, match="read-only"):
            async with postgres_store(url, "another"):
                pass


async def appended_until_it_fails(store: Store, primary: Cluster) -> list[str]:
    """Append in eight tasks, crash the primary meanwhile, and return what was acknowledged."""
    acknowledged: list[str] = []

    async def append(task: int) -> None:
        for number in range(10_000):
            if not await is_taken(store, name := f"event-{task}-{number}"):
                return
            acknowledged.append(name)

    async with anyio.create_task_group() as tasks:
        for task in range(8):
            tasks.start_soon(append, task)
        await until(lambda: len(acknowledged) > 10)
        await anyio.to_thread.run_sync(primary.stop, SIGQUIT)
    return acknowledged


async def is_taken(store: Store, name: str) -> bool:
    try:
        await store.append(stored(name))
    except StoreFailed:
        return False
    return True
