"""The database away, hung, read-only or full: 503 in time, one word of it, and nothing is lost."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from signal import SIGQUIT

import anyio
import pytest

from okhook.errors import StoreFailed, StoreFull
from okhook.store.contract import LeaseTaken, Store
from okhook.store.postgres import appender
from okhook.store.postgres.connection import ANSWER_WITHIN_S, APPENDING
from okhook.store.postgres.store import postgres_store
from tests.support.found import APP
from tests.support.held_clock import own_clock
from tests.support.okhook_process import PATIENCE_S
from tests.support.postgres import Cluster
from tests.support.proxy import proxy_to
from tests.support.records import stored
from tests.support.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]

OKTA_WAITS_S = 3.0

END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid != pg_backend_pid()"
)

Trouble = Callable[[Cluster, str], AbstractContextManager[None]]


@contextmanager
def stopped(cluster: Cluster, _: str) -> Iterator[None]:
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def crashed(cluster: Cluster, _: str) -> Iterator[None]:
    cluster.stop(SIGQUIT)
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def hung(cluster: Cluster, _: str) -> Iterator[None]:
    with cluster.frozen():
        yield


@contextmanager
def locked(cluster: Cluster, database: str) -> Iterator[None]:
    with cluster.connect(database) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (APPENDING,))
        yield


@contextmanager
def changed(cluster: Cluster, database: str, change: str, back: str) -> Iterator[None]:
    """Change the database for the sessions to come, and end those that there are."""
    cluster.sql(change, END_SESSIONS, database=database)
    try:
        yield
    finally:
        cluster.sql(
            "SET default_transaction_read_only = off", back, END_SESSIONS, database=database
        )


def read_only(cluster: Cluster, database: str) -> AbstractContextManager[None]:
    setting = "default_transaction_read_only"
    return changed(
        cluster,
        database,
        f"ALTER DATABASE {database} SET {setting} = on",
        f"ALTER DATABASE {database} RESET {setting}",
    )


def out_of_connections(cluster: Cluster, database: str) -> AbstractContextManager[None]:
    return changed(
        cluster,
        database,
        "ALTER ROLE app CONNECTION LIMIT 0",
        "ALTER ROLE app CONNECTION LIMIT -1",
    )


@contextmanager
def full(cluster: Cluster, database: str) -> Iterator[None]:
    """Let every new record find the disk full, as PostgreSQL says it."""
    cluster.sql(
        "CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file: No space left on device'"
        " USING ERRCODE = 'disk_full'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON okhook.record"
        " FOR EACH STATEMENT EXECUTE FUNCTION public.full_disk()",
        database=database,
    )
    try:
        yield
    finally:
        cluster.sql("DROP FUNCTION public.full_disk() CASCADE", database=database)


@dataclass
class Told:
    """What a store told its listeners."""

    went: list[StoreFailed] = field(default_factory=list)
    back: int = 0

    def came_back(self) -> None:
        self.back += 1


@pytest.fixture
def app_url(postgres_cluster: Cluster, postgres_url: str) -> Iterator[str]:
    """Give a role that is no superuser: only such a one can run out of connections."""
    database = postgres_url.rpartition("/")[2]
    postgres_cluster.sql(
        f"CREATE ROLE app LOGIN PASSWORD '{postgres_cluster.password}'",
        f"GRANT CREATE ON DATABASE {database} TO app",
        database=database,
    )
    yield postgres_cluster.url(database, "app")
    postgres_cluster.sql("DROP OWNED BY app CASCADE", "DROP ROLE app", database=database)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Store, Told]]:
    told = Told()
    async with postgres_store(url, "ci") as store:
        store.on_trouble(told.went.append, told.came_back)
        yield store, told


async def refused(store: Store, *names: str) -> StoreFailed:
    """Append, and return why that failed: so soon that Okta still hears of it.

    The delivery waits for its commit no longer than outside of tests.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(appender, "ANSWER_WITHIN_S", ANSWER_WITHIN_S)
        return await _refused(store, *names)


async def _refused(store: Store, *names: str) -> StoreFailed:
    async with own_clock():
        began = anyio.current_time()
        with pytest.raises(StoreFailed) as caught:
            await store.append(stored(*names))
        assert anyio.current_time() - began < OKTA_WAITS_S
    return caught.value


async def test_whoever_is_cut_off_is_not_sure_of_its_lease(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    """It knows by its own clock, at the latest when another one can have the lease."""
    with proxy_to(postgres_cluster.port) as proxy:
        url = postgres_url.replace(str(postgres_cluster.port), str(proxy.port))
        async with postgres_store(url, "ci") as one, postgres_store(postgres_url, "ci") as other:
            await one.open_target(APP)
            async with one.lease(APP) as lease:
                assert lease.is_sure
                with proxy.cut():
                    await until(lambda: not lease.is_sure)
                await until(lambda: lease.is_sure)  # nobody took it
                with proxy.cut():
                    while lease.is_sure:
                        with suppress(LeaseTaken):
                            async with other.lease(APP):
                                assert not lease.is_sure
                        await anyio.sleep(0.01)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (stopped, "cannot be reached"),
        (crashed, "cannot be reached"),
        (hung, "did not answer within|cannot be reached"),
        (locked, "busy"),
        (read_only, "read-only"),
        (out_of_connections, "cannot be reached"),
        (full, "cannot grow"),
    ],
)
async def test_deliveries_are_refused_in_time_and_taken_again_afterwards(
    trouble: Trouble, words: str, app_url: str, postgres_cluster: Cluster
) -> None:
    """One report when it goes, one when it is back, no restart, and all that was taken is there."""
    database = app_url.rpartition("/")[2]
    async with opened(app_url) as (store, told):
        await store.append(stored("before"))
        await store.settled()
        with trouble(postgres_cluster, database):
            errors = [await refused(store, f"refused-{number}") for number in range(3)]
            assert (len(told.went), told.back) == (1, 0)
        assert all(re.search(words, error.what) for error in errors[1:])
        assert isinstance(errors[-1], StoreFull) is (trouble is full)
        if trouble is not full:  # only the next delivery shows that there is room
            await until(lambda: told.back)
        await taken(store, "after")
        await until(lambda: told.back)
        await store.settled()
        records = await store.after(0, 100)
        assert (len(told.went), told.back) == (1, 1)
    kept = [record.delivery.event_id for record in records]
    assert kept[0] == "before"
    assert kept[-1] == "after"


async def taken(store: Store, *names: str) -> None:
    """Append as Okta does, which sends again what was refused."""
    with anyio.fail_after(PATIENCE_S):
        while True:
            try:
                await store.append(stored(*names))
            except StoreFailed:
                await anyio.sleep(0.2)
            else:
                return


async def test_a_restart_between_two_deliveries_refuses_none(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """A connection that the server ended meanwhile is noticed before it is used."""
    async with opened(postgres_url) as (store, _):
        await store.append(stored("before"))
        postgres_cluster.stop()
        postgres_cluster.start()
        await store.append(stored("after"))


async def test_a_store_is_not_said_to_work_while_only_reading_does(
    postgres_url: str, postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two deliveries, okhook looks whether the next one could be stored."""
    monkeypatch.setattr(appender, "_LOOK_EVERY_S", 0.02)
    async with opened(postgres_url) as (store, told):
        await store.append(stored("before"))
        with locked(postgres_cluster, postgres_url.rpartition("/")[2]):
            await refused(store, "refused")
            await anyio.sleep(0.5)
            assert (len(told.went), told.back) == (1, 0)
        await until(lambda: told.back)
        assert (len(told.went), told.back) == (1, 1)


async def test_a_session_that_stays_read_only_is_not_kept(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """Deriving would fail with it after the next delivery: a second trouble after the recovery."""
    setting = "default_transaction_read_only"
    database = postgres_url.rpartition("/")[2]
    async with opened(postgres_url) as (store, told):
        await store.append(stored("before"))
        await store.settled()
        postgres_cluster.sql(
            f"ALTER DATABASE {database} SET {setting} = on", END_SESSIONS, database=database
        )
        await until(lambda: told.went)
        postgres_cluster.sql(f"ALTER DATABASE {database} RESET {setting}")
        await until(lambda: told.back)
        await taken(store, "after")
        await store.settled()
        assert (len(told.went), told.back) == (1, 1)


async def test_a_commit_without_an_answer_is_refused_and_its_repetition_a_duplicate(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """Nobody knows whether it was stored: better twice than not at all."""
    async with opened(postgres_url) as (store, _):
        await store.append(stored("before"))
        with postgres_cluster.frozen():
            await refused(store, "unknown", "uuid-2")
        await taken(store, "unknown", "uuid-2")
        with anyio.fail_after(PATIENCE_S):
            while len(records := await store.after(1, 100)) < 2:  # noqa: ASYNC110
                await anyio.sleep(0.02)
    assert [record.duplicate_of for record in records] == [None, records[0].seq]


async def test_forwarding_goes_on_after_a_restart(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """Each call fails while the database is away, and works afterwards."""
    async with opened(postgres_url) as (store, _):
        await store.append(stored("before"))
        await store.settled()
        with stopped(postgres_cluster, ""):
            with pytest.raises(StoreFailed, match="cannot be reached"):
                await store.open_target("http://127.0.0.1:3000/")
            with pytest.raises(StoreFailed, match="cannot be reached"):
                await store.after(0, 10)
        assert (await store.open_target("http://127.0.0.1:3000/")).cursor == 1
        assert [record.seq for record in await store.after(0, 10)] == [1]


async def test_a_store_closes_while_the_database_hangs(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """Whoever presses Ctrl-C does not wait for it."""
    async with postgres_store(postgres_url, "ci") as store:
        await store.append(stored("before"))
        await store.settled()
        with postgres_cluster.frozen():
            await refused(store, "refused")
            with anyio.fail_after(PATIENCE_S):
                await store.close()  # type: ignore[attr-defined]
