"""A backup by PostgreSQL's own programs restores everything."""

import pytest

from okhook.records.record import RecordFilter
from okhook.store.postgres.reader import postgres_reader
from okhook.store.postgres.store import postgres_store
from tests.support.postgres import Cluster
from tests.support.records import post, stored

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]

BODY = bytes(range(256)) + "\ud800".encode("utf-8", "surrogatepass")


async def test_a_dump_restores_every_byte_and_goes_on(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    """Numbers, duplicates and words too; the next record gets the next number."""
    async with postgres_store(postgres_url, "ci") as store:
        await store.append(stored(request=post(BODY, (b"x-\xff", b"\0\xfe"))))
        for _ in range(2):
            await store.append(stored("event-1", "uuid-1"))
        await store.settled()
        before = await store.after(0, 10)
    with postgres_reader(postgres_url) as reader:
        reader.catch_up(lambda _: None)
    dump = str(postgres_cluster.directory / "okhook.dump")
    postgres_cluster.run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={postgres_url}")
    with postgres_cluster.database() as restored:
        postgres_cluster.run("pg_restore", "--no-owner", f"--dbname={restored}", dump)
        with postgres_reader(restored) as reader:
            found = [each.record.seq for each in reader.in_order(RecordFilter(words=("jane",)))]
            assert found == [2, 3]
        async with postgres_store(restored, "ci") as store:
            assert await store.append(stored("event-1", "uuid-1")) == 4
            await store.settled()
            *kept, newest = await store.after(0, 10)
    assert kept == before
    assert newest.duplicate_of == 2
