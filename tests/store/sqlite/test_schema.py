"""Migrations: the store of an older okhook is upgraded with all its records."""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState, Purpose
from okhook.records.record import RecordFilter, RecordKind
from okhook.store.contract import Store
from okhook.store.duplicates import hash_of
from okhook.store.open import open_reader, open_store
from okhook.store.sqlite.schema import APPLICATION_ID, VERSION, migration
from tests.support.records import NOON, delivery_body, event, stored

pytestmark = pytest.mark.anyio

CANARY = b'{"source": "urn:okhook:canary", "data": {"events": [{"eventType": "okhook.canary"}]}}'


def first_store(path: Path) -> None:
    """Make a store as the first okhook did: a delivery, its repetition, and a canary."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(
            f"{migration(1)} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;"
        )
        body = delivery_body("event-1", event("uuid-1"))
        for seq, (body_, duplicate_of) in enumerate(((body, None), (body, 1), (CANARY, None)), 1):
            connection.execute(
                "INSERT INTO record VALUES (?, 'delivery', 1, 'POST', '/p', ?, ?, 204, NULL,"
                " 'not_asked', 'event-1', ?)",
                (seq, b'[["x-a","\xc3\xbf"]]', body_, duplicate_of),
            )
        connection.execute("INSERT INTO event VALUES ('uuid-1', 1)")
        connection.commit()


async def test_a_writer_upgrades_an_older_store(tmp_path: Path) -> None:
    """Requests and numbers stay; duplicates and words are derived again."""
    path = tmp_path / "store.db"
    first_store(path)
    async with open_store(path) as store:
        assert await store.append(stored("event-1", "uuid-1")) == 4
        await store.settled()
        records = await store.after(0, 10)
    assert [record.duplicate_of for record in records] == [None, 1, None, 1]
    assert [record.kind for record in records][2] is RecordKind.CANARY
    assert records[0].request.headers == ((b"x-a", b"\xff"),)
    assert records[0].request.body == delivery_body("event-1", event("uuid-1"))


async def test_a_reader_upgrades_an_older_store_too(tmp_path: Path) -> None:
    """An older store can be read without starting a receiver first."""
    path = tmp_path / "store.db"
    first_store(path)
    with open_reader(path) as reader:
        reader.catch_up(lambda _: None)
        found = reader.find(RecordFilter(words=("jane",)), limit=10)
    assert [each.record.seq for each in found] == [2, 1]


APP, OTHER = "http://127.0.0.1:3000/", "http://127.0.0.1:4000/"


def nameless_store(path: Path) -> None:
    """Make a store as the last okhook without receivers did, with a backlog at two apps.

    APP accepted delivery 1, failed at 2, and has not got 3 and 4, a duplicate; OTHER got none.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(
            f"{migration(1)} {migration(2)}"
            f" PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 2;"
        )
        for seq, name in enumerate(("a", "b", "c", "a"), 1):
            connection.execute(
                "INSERT INTO record VALUES (?, 'delivery', 1, 'POST', '/p', '[]', ?, 204, NULL,"
                " 'not_asked')",
                (seq, delivery_body(name, event(f"uuid-{name}"))),
            )
        connection.executescript(
            "INSERT INTO duplicate VALUES (4, 1); UPDATE progress SET seq = 4;"  # noqa: S608 - our own values
            f" INSERT INTO target VALUES (1, '{APP}', 0, 2), (2, '{OTHER}', 0, 0);"
            " INSERT INTO forward VALUES (1, 1, 'done', 1, NULL), (2, 1, 'waiting', 1, 5);"
        )
        for seq, name in enumerate(("a", "b", "c", "a"), 1):
            for key in (name, f"uuid-{name}"):
                connection.execute("INSERT INTO seen VALUES (?, ?)", (hash_of(key), seq))
        connection.commit()


async def pending(store: Store, url: str) -> tuple[int, ...]:
    target = await store.open_target(url)
    return (await store.eligible(url, target.cursor, 10, duplicates=True)).seqs


async def test_the_first_receiver_of_an_app_gets_what_waits_field_03(tmp_path: Path) -> None:
    """Nothing is dropped, nothing is sent twice, and each app may have another receiver."""
    path = tmp_path / "store.db"
    nameless_store(path)
    async with open_store(path, "new") as new:
        assert await pending(new, "http://127.0.0.1:5000/") == ()
    async with open_store(path, "one") as one, open_store(path, "two") as two:
        assert await pending(one, APP) == (3, 4)
        assert [forward.seq for forward in await one.waiting(APP, 10)] == [2]
        assert await one.backlog(APP, duplicates=True) == Backlog(2, 1, 0)
        assert await pending(two, APP) == ()
        assert await two.waiting(APP, 10) == []
        assert await pending(two, OTHER) == (1, 2, 3, 4)
        assert await pending(one, OTHER) == ()
        await one.append(stored("d", "uuid-d"))
        await one.settled()
        assert await pending(one, APP) == (3, 4, 5)
        assert await pending(two, OTHER) == (1, 2, 3, 4)
        assert await one.after(0, 10) == await one.after(4, 10)


async def test_an_older_record_belongs_to_the_first_receiver_field_03(tmp_path: Path) -> None:
    """It is listed for that receiver, its repetition is a duplicate there, and nowhere else."""
    path = tmp_path / "store.db"
    nameless_store(path)
    async with open_store(path, "one") as one, open_store(path, "two") as two:
        await one.open_target(APP)
        for store in (one, two):
            await store.append(stored("b", "uuid-b"))
            await store.settled()
        assert [record.duplicate_of for record in await one.after(0, 10)] == [2]
        assert [record.duplicate_of for record in await two.after(0, 10)] == [None]
    with open_reader(path) as reader:
        for name, seqs in (("one", [5, 4, 3, 2, 1]), ("two", [6])):
            found = reader.find(RecordFilter(receiver=name), limit=10)
            assert [each.record.seq for each in found] == seqs


async def test_an_attempt_of_an_older_record_is_noted_for_its_app_field_03(tmp_path: Path) -> None:
    """By the forwarder that has it now, and by a replay."""
    path = tmp_path / "store.db"
    nameless_store(path)
    async with open_store(path, "one") as one, open_store(path) as replay:
        await one.open_target(APP)
        done = [Forward(seq, APP, ForwardState.DONE, 1) for seq in (2, 3, 4)]
        tried = [Attempt(seq, APP, Purpose.FORWARD, 1, NOON, 0.1, 204) for seq in (2, 3, 4)]
        await one.settle(tried[0], done[0], cursor=2)
        await one.settle(tried[1], done[1], cursor=3)
        await replay.note(tried[2], done[2])
        assert await one.backlog(APP, duplicates=True) == Backlog(0, 0, 0)
        assert await one.waiting(APP, 10) == []


def test_every_migration_is_counted() -> None:
    """There is a file for each migration number, and no other."""
    folder = files("okhook.store.sqlite").joinpath("migrations")
    assert {each.name for each in folder.iterdir()} == {f"{n}.sql" for n in range(1, VERSION + 1)}
