"""Through PgBouncer in transaction mode, which gives each transaction another session."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import anyio
import psycopg
import pytest

from okhook.quantities import KeepCount
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import RecordFilter
from okhook.store.postgres.reader import postgres_reader
from okhook.store.postgres.store import postgres_store
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port
from tests.support.postgres import IN_URL, PASSWORD, Cluster
from tests.support.records import NOON, stored
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]

APP = "http://127.0.0.1:3000/"


@pytest.fixture
def pooled_url(postgres_cluster: Cluster, postgres_url: str) -> Iterator[str]:
    """Run PgBouncer before the server, with fewer sessions than okhook has connections."""
    pgbouncer = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if pgbouncer is None:
        missing = "found no pgbouncer: install Debian's package of this name"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    port = free_port()
    postgres_cluster.give("users.txt", f'"postgres" "{PASSWORD}"\n'.encode())
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": postgres_cluster.directory / "users.txt",
        "pool_mode": "transaction",
        "default_pool_size": 3,
        "server_round_robin": 1,
    }
    lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
    database = f"[databases]\n* = host=127.0.0.1 port={postgres_cluster.port}\n"
    postgres_cluster.give("pgbouncer.ini", f"{database}[pgbouncer]\n{lines}\n".encode())
    running = subprocess.Popen(
        [pgbouncer, postgres_cluster.directory / "pgbouncer.ini"],
        user=postgres_cluster.user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"postgresql://postgres:{IN_URL}@127.0.0.1:{port}/{postgres_url.rpartition('/')[2]}"
    try:
        wait_until(lambda: answers(url))
        yield url
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


async def test_everything_works_and_others_are_noticed_by_looking(pooled_url: str) -> None:
    """No prepared statement, no setting and no lock outlives its transaction."""
    grew = anyio.Event()
    async with (
        postgres_store(pooled_url, "ci") as one,
        postgres_store(pooled_url, "ci") as other,
    ):
        other.on_growth(lambda seq: grew.set() if seq >= 40 else None)
        await one.open_target(APP)
        async with one.lease(APP) as lease, anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(one.append, stored(f"event-{number // 2}", f"uuid-{number // 2}"))
            await one.check_writable()
            await lease.confirm()
        await one.settled()
        attempt = Attempt(1, APP, Purpose.FORWARD, 1, NOON, 0.1, 200)
        await one.settle(attempt, Forward(1, APP, ForwardState.DONE, 1), cursor=1)
        with anyio.fail_after(PATIENCE_S):
            await grew.wait()
        records = await other.after(0, 100)
    assert len(records) == 40
    assert sum(record.is_duplicate for record in records) == 20
    with postgres_reader(pooled_url) as reader:
        assert reader.catch_up(lambda _: None) == 0
        assert len(reader.find(RecordFilter(words=("jane",)), limit=100)) == 40
        assert sum(reader.prune(reader.plan_pruning(KeepCount(0), now=NOON), held_too=True)) == 40
