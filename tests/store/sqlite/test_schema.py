"""Migrations: the store of an older okhook is upgraded with all its records."""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from okhook.records.record import RecordFilter, RecordKind
from okhook.store.open import open_reader, open_store
from okhook.store.sqlite.schema import APPLICATION_ID, VERSION, migration
from tests.support.records import delivery_body, event, stored

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


def test_every_migration_is_counted() -> None:
    """There is a file for each migration number, and no other."""
    folder = files("okhook.store.sqlite").joinpath("migrations")
    assert {each.name for each in folder.iterdir()} == {f"{n}.sql" for n in range(1, VERSION + 1)}
