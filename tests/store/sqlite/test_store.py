"""What is special about the SQLite file: who may open it, what is refused, and what it leaves."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from okhook.errors import StoreFailed
from okhook.store.open import open_store
from okhook.store.sqlite.connection import connect
from tests.support.records import stored

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.db"


async def test_a_store_held_by_another_writer_fails_and_recovers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody else holds the write lock an append fails by name; afterwards it works."""
    monkeypatch.setattr("okhook.store.sqlite.connection.BUSY_TIMEOUT_S", 0.05)
    async with open_store(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreFailed, match="held by another process"):
                await store.append(stored("event-1"))
            other.execute("ROLLBACK")
        assert await store.append(stored("event-1")) == 1


async def test_a_newer_schema_is_refused(path: Path) -> None:
    """A file of a newer okhook is left alone, and the error says what to do."""
    async with open_store(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreFailed, match="newer okhook") as caught:
        async with open_store(path):
            pass
    assert caught.value.next_step is not None
    assert "upgrade" in caught.value.next_step


async def test_another_programs_database_is_refused(path: Path) -> None:
    """A database that is not ours gets no tables of ours."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()
    with pytest.raises(StoreFailed, match="another program"):
        async with open_store(path):
            pass


async def test_a_damaged_file_is_named_and_left_as_it_is(path: Path) -> None:
    """Garbage where the store should be is never overwritten."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and long enough to be looked at" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreFailed, match="damaged"):
        async with open_store(path):
            pass
    assert path.read_bytes() == before


async def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way of the state directory is an error of the store, with its path."""
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(StoreFailed, match="cannot be used"):
        async with open_store(tmp_path / "state" / "store.db"):
            pass


def test_a_new_store_can_be_opened_many_times_at_once(tmp_path: Path) -> None:
    """SQLite itself gives up at once if two switch a new file to write-ahead logging."""
    barrier = threading.Barrier(8)

    def opened(path: Path) -> None:
        barrier.wait()
        connect(path).close()

    with ThreadPoolExecutor(barrier.parties) as pool:
        for number in range(5):
            list(pool.map(opened, [tmp_path / f"{number}.db"] * barrier.parties))


async def test_the_file_is_its_owners_alone(path: Path) -> None:
    """Payloads hold people's names: nobody else on the machine can read them."""
    async with open_store(path):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


async def test_an_orderly_end_leaves_one_file(path: Path) -> None:
    """What is copied after Ctrl-C is one file with everything in it."""
    async with open_store(path) as store:
        await store.append(stored("event-1"))
    assert [file.name for file in path.parent.iterdir()] == ["store.db"]


async def test_a_log_without_its_store_is_not_thrown_away(path: Path) -> None:
    """A store that was deleted while its log held deliveries is told of, and nothing is made."""
    async with open_store(path) as store:
        await store.append(stored("event-1"))
        log = path.with_name("store.db-wal").read_bytes()
    path.unlink()
    path.with_name("store.db-wal").write_bytes(log)
    with pytest.raises(StoreFailed, match="is missing, and its log"):
        async with open_store(path):
            pass
    assert path.with_name("store.db-wal").read_bytes() == log
    assert not path.exists()
