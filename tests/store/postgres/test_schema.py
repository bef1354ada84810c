"""Migrations, the rights that a role needs, and what okhook refuses to open."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from okhook.config.store_location import DatabaseUrl
from okhook.errors import NoStore, StoreFailed
from okhook.quantities import KeepCount
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import RecordFilter
from okhook.secret import Secret
from okhook.store.postgres.connection import connect
from okhook.store.postgres.health import postgres_health
from okhook.store.postgres.reader import postgres_reader
from okhook.store.postgres.schema import (
    VERSION,
    bring_up_to_date,
    migrate,
    postgres_schema,
    version_of,
)
from okhook.store.postgres.store import postgres_store
from tests.support.copied import copy_of_store
from tests.support.manual import sql_of
from tests.support.okhook_process import PATIENCE_S
from tests.support.postgres import Cluster
from tests.support.records import NOON, stored

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]

APP = "http://127.0.0.1:3000/"
RIGHTS = ("postgresql", "Least rights")


@pytest.fixture
def roles(postgres_cluster: Cluster, postgres_url: str) -> Iterator[str]:
    """Make the roles of the manual, and return the database."""
    database = postgres_url.rpartition("/")[2]
    made = [each for each in sql_of(*RIGHTS) if each.startswith("CREATE ROLE")]
    password = f"PASSWORD '{postgres_cluster.password}'"
    postgres_cluster.sql(*(re.sub("PASSWORD '.*'", password, each) for each in made))
    yield database
    for role in (each.split()[2] for each in made):
        postgres_cluster.sql(
            f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}", database=database
        )


def grant(cluster: Cluster, database: str) -> None:
    """Run what the manual tells the owner to run after the migration."""
    granted = [each for each in sql_of(*RIGHTS) if not each.startswith("CREATE")]
    cluster.sql(*granted, database=database)


def test_several_processes_that_migrate_at_once_make_one_schema(postgres_url: str) -> None:
    """The first one does the work, and the others find it done."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: migrate(postgres_url), range(8)))
    assert postgres_schema(postgres_url).version == VERSION


def test_several_processes_that_open_a_new_database_at_once(postgres_url: str) -> None:
    """Also if each of them had looked before the first one began: that look is not remembered."""
    together = Barrier(8)

    def open_one(_: int) -> None:
        with connect(postgres_url) as connection:
            assert version_of(connection) == 0
            together.wait(PATIENCE_S)
            bring_up_to_date(connection, postgres_url)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(open_one, range(8)))


async def test_a_newer_schema_is_refused_everywhere(
    postgres_url: str, postgres_cluster: Cluster
) -> None:
    """What this okhook would write, the newer one may not understand."""
    migrate(postgres_url)
    newer = f"INSERT INTO okhook.migration (version) VALUES ({VERSION + 1})"  # noqa: S608
    postgres_cluster.sql(newer, database=postgres_url.rpartition("/")[2])
    with pytest.raises(StoreFailed, match="newer okhook"):
        migrate(postgres_url)
    with pytest.raises(StoreFailed, match="newer okhook"):
        postgres_health(postgres_url, within_s=1, now=NOON)
    with pytest.raises(StoreFailed, match="newer okhook"), postgres_reader(postgres_url):
        pass
    with pytest.raises(StoreFailed, match="newer okhook"):
        async with postgres_store(postgres_url):
            pass


async def test_a_role_that_may_not_create_tables_uses_what_is_there(
    roles: str, postgres_cluster: Cluster, postgres_url: str
) -> None:
    """Everything that okhook does works with the rights that the manual grants."""
    url = postgres_cluster.url(roles, "okhook")
    with pytest.raises(StoreFailed, match="created or migrated") as caught:
        async with postgres_store(url, "ci"):
            pass
    assert "okhook store migrate" in (caught.value.next_step or "")
    migrate(postgres_url)
    grant(postgres_cluster, roles)
    async with postgres_store(url, "ci") as store:
        await store.check_writable()
        await store.open_target(APP)
        for number in range(3):
            await store.append(stored(f"event-{number % 2}", f"uuid-{number % 2}"))
        await store.settled()
        attempt = Attempt(1, APP, Purpose.FORWARD, 1, NOON, 0.1, 500)
        await store.settle(attempt, Forward(1, APP, ForwardState.WAITING, 1, NOON), cursor=1)
        await store.skip_backlog(APP)
    with postgres_reader(url) as reader:
        assert reader.catch_up(lambda _: None) == 0
        assert len(reader.find(RecordFilter(words=("jane",)), limit=10)) == 3
        assert sum(reader.prune(reader.plan_pruning(KeepCount(0), now=NOON), held_too=True)) == 3
    health = postgres_health(url, within_s=5, now=datetime.now(UTC))
    assert health is not None
    assert health.records == 0


async def test_a_role_that_may_only_read_reads(
    roles: str, postgres_cluster: Cluster, postgres_url: str, tmp_path: Path
) -> None:
    """It lists, searches, shows and copies, and cannot prune."""
    async with postgres_store(postgres_url, "ci") as store:
        await store.append(stored())
        await store.settled()
    grant(postgres_cluster, roles)
    with postgres_reader(postgres_url) as reader:
        reader.catch_up(lambda _: None)
    reading = DatabaseUrl(Secret(postgres_cluster.url(roles, "okhook_reader")))
    assert copy_of_store(reading, tmp_path / "copy.db").records == 1
    with postgres_reader(reading.reveal()) as reader:
        assert reader.catch_up(lambda _: None) == 0
        assert len(reader.find(RecordFilter(words=("jane",)), limit=10)) == 1
        assert reader.identified("event-1")
        with pytest.raises(StoreFailed, match="may not use"):
            list(reader.prune(reader.plan_pruning(KeepCount(0), now=NOON), held_too=True))


def test_a_database_in_another_encoding_is_refused(postgres_cluster: Cluster) -> None:
    """Full text in LATIN1 would lose characters."""
    postgres_cluster.sql(
        "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0",
    )
    with pytest.raises(StoreFailed, match="LATIN1"):
        migrate(postgres_cluster.url("latin"))
    postgres_cluster.sql("DROP DATABASE latin")


def test_what_is_not_there_is_named(postgres_cluster: Cluster, postgres_url: str) -> None:
    """A database without a store, and no such database."""
    with pytest.raises(NoStore, match="found no store"), postgres_reader(postgres_url):
        pass
    assert postgres_health(postgres_url, within_s=1, now=NOON) is None
    missing = partial(postgres_reader, postgres_cluster.url("nowhere"))
    with pytest.raises(StoreFailed, match="cannot be reached") as caught, missing():
        pass
    assert "nowhere" in (caught.value.why or "")


def test_a_missing_password_is_asked_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says where libpq looks for it: a file that others may read is passed over."""
    monkeypatch.setenv("PGPASSFILE", "/nowhere")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    without = re.sub(":[^:@/]*@", "@", postgres_url)
    with pytest.raises(StoreFailed, match="cannot be reached") as caught, postgres_reader(without):
        pass
    assert "PGPASSFILE" in (caught.value.next_step or "")
