"""The SQLite file after pruning: the index is complete, and the disk space is freed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from okhook.errors import StoreFull
from okhook.quantities import KeepCount
from okhook.store.open import open_reader, open_store
from okhook.store.sqlite import pruning, reader
from okhook.store.sqlite.connection import connect, log_of
from okhook.store.sqlite.reserve import reserve_of
from tests.support.records import NOON, delivery_body, event, post, stored

pytestmark = pytest.mark.anyio


async def test_a_pruned_file_is_valid_and_smaller(tmp_path: Path) -> None:
    """No id of a removed record remains, the word index is valid, and the file shrinks."""
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        for number in range(50):
            body = b" " * 50_000 + delivery_body(f"event-{number}", event(f"uuid-{number}"))
            await store.append(stored(request=post(body)))
    before = path.stat().st_size
    with open_reader(path) as reader:
        assert reader.catch_up(lambda _: None) == 0
        plan = reader.plan_pruning(KeepCount(5), now=NOON)
        assert sum(reader.prune(plan, held_too=False)) == 45
    assert path.stat().st_size < before / 4
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO word (word) VALUES ('integrity-check')")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (10,)


async def filled(path: Path, count: int) -> None:
    async with open_store(path) as store:
        for number in range(count):
            await store.append(stored(f"event-{number}", f"uuid-{number}"))
        await store.settled()


async def test_a_full_disk_makes_the_steps_smaller_field_04(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the room that was set aside is used; what still does not fit is done in parts."""
    path, asked = tmp_path / "store.db", list[int]()
    remove_some = pruning._remove_some

    def short_of_room(connection: sqlite3.Connection, condition: str, count: int) -> int:
        asked.append(count)
        if count > 5:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return remove_some(connection, condition, count)

    await filled(path, 10)
    reserve_of(path).touch()
    monkeypatch.setattr(pruning, "_remove_some", short_of_room)
    with open_reader(path) as reader:
        reader.catch_up(lambda _: None)
        plan = reader.plan_pruning(KeepCount(4), now=NOON)
        assert sum(reader.prune(plan, held_too=False)) == 6
        assert reader.last_seq() == 10
    assert asked[:3] == [100, 100, 12]
    assert set(asked[3:]) == {1}


async def test_a_full_disks_log_is_emptied_before_anything_is_removed_field_04(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first step would fill the room that was set aside, and the log would stay as it is."""
    path, sizes = tmp_path / "store.db", list[int]()
    remove_some = pruning._remove_some

    def connected(path: Path) -> sqlite3.Connection:
        if reserve_of(path).exists():
            raise StoreFull("the disk is full")
        return connect(path)

    def noted(connection: sqlite3.Connection, condition: str, count: int) -> int:
        sizes.append(log_of(path).stat().st_size)
        return remove_some(connection, condition, count)

    async with open_store(path) as store:
        for number in range(10):
            await store.append(stored(f"event-{number}", f"uuid-{number}"))
        await store.settled()
        assert log_of(path).stat().st_size > 0
        with open_reader(path) as looking:
            looking.catch_up(lambda _: None)  # so that the store writes nothing meanwhile
            plan = looking.plan_pruning(KeepCount(4), now=NOON)
            reserve_of(path).touch()
            monkeypatch.setattr(reader, "connect", connected)
            monkeypatch.setattr(pruning, "_remove_some", noted)
            assert sum(looking.prune(plan, held_too=True)) == 6
    assert sizes[0] == 0


async def test_what_is_not_indexed_is_pruned_but_for_the_newest_field_04(tmp_path: Path) -> None:
    """On a full disk nothing more can be indexed; the rest of the index stays valid."""
    path = tmp_path / "store.db"
    await filled(path, 6)
    with open_reader(path) as reader:
        plan = reader.plan_pruning(KeepCount(0), now=NOON)
        removed = sum(reader.prune(plan, held_too=False))
        assert removed in (5, 6)
        assert reader.catch_up(lambda _: None) == 0
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO word (word) VALUES ('integrity-check')")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
