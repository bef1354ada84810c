"""What an administrator sets for a database does not weaken what okhook promises."""

import pytest

from okhook.store.postgres.connection import connect, transaction
from okhook.store.postgres.schema import migrate
from okhook.store.postgres.store import postgres_store
from tests.support.postgres import Cluster
from tests.support.records import stored

pytestmark = [pytest.mark.postgres, pytest.mark.anyio]

_NOTE_HOW_IT_COMMITS = """
    CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.noted VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
    CREATE TABLE public.noted (value text);
    CREATE TRIGGER note BEFORE INSERT ON okhook.record FOR EACH ROW EXECUTE FUNCTION public.note()
"""


@pytest.mark.parametrize(("set_to", "used"), [("off", "on"), ("remote_apply", "remote_apply")])
async def test_a_commit_waits_for_the_disk(
    set_to: str, used: str, postgres_cluster: Cluster, postgres_url: str
) -> None:
    """Also where commits do not wait by default; a stricter setting stays."""
    database = postgres_url.rpartition("/")[2]
    migrate(postgres_url)
    setting = f"ALTER DATABASE {database} SET synchronous_commit"
    postgres_cluster.sql(f"{setting} = '{set_to}'", _NOTE_HOW_IT_COMMITS, database=database)
    try:
        async with postgres_store(postgres_url, "ci") as store:
            await store.append(stored())
        with postgres_cluster.connect(database) as connection:
            assert connection.execute("SELECT value FROM public.noted").fetchall() == [(used,)]
    finally:
        postgres_cluster.sql(
            f"ALTER DATABASE {database} RESET synchronous_commit",
            "DROP FUNCTION public.note() CASCADE",
            "DROP TABLE public.noted",
            database=database,
        )


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_a_transaction_sees_what_others_committed_since_it_began(
    level: str, postgres_cluster: Cluster, postgres_url: str
) -> None:
    """Whatever the default is: of two that derive, one goes on where the other one ended."""
    database = postgres_url.rpartition("/")[2]
    async with postgres_store(postgres_url, "ci") as store:
        await store.append(stored())
        await store.settled()
    setting = f"ALTER DATABASE {database} SET default_transaction_isolation"
    postgres_cluster.sql(f"{setting} = '{level}'")
    try:
        with connect(postgres_url) as one, connect(postgres_url) as other, transaction(one):
            with transaction(other):
                other.execute("UPDATE okhook.progress SET seq = 7 WHERE name = 'indexed'")
            row = one.execute(
                "SELECT seq FROM okhook.progress WHERE name = 'indexed' FOR UPDATE"
            ).fetchone()
    finally:
        postgres_cluster.sql(f"ALTER DATABASE {database} RESET default_transaction_isolation")
    assert row == (7,)
