"""The SQLite file: who may open it, which files are refused, and what is left after the end."""

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
    """An append fails while another process holds the write lock, and works afterwards."""
    monkeypatch.setattr("okhook.store.sqlite.connection.BUSY_TIMEOUT_S", 0.05)
    async with open_store(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreFailed, match="in use by another process"):
                await store.append(stored("event-1"))
            other.execute("ROLLBACK")
        assert await store.append(stored("event-1")) == 1


async def test_a_newer_schema_is_refused(path: Path) -> None:
    """The file of a newer okhook is not changed, and the error says what to do."""
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
    """The database of another program gets no tables of okhook."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()
    with pytest.raises(StoreFailed, match="another program"):
        async with open_store(path):
            pass


async def test_a_damaged_file_is_reported_and_not_changed(path: Path) -> None:
    """A file that is not a database is never overwritten."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and long enough to be looked at" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreFailed, match="damaged"):
        async with open_store(path):
            pass
    assert path.read_bytes() == before


async def test_the_error_names_a_directory_that_cannot_be_created(tmp_path: Path) -> None:
    """A file in place of the state directory is an error that names its path."""
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(StoreFailed, match="cannot be used"):
        async with open_store(tmp_path / "state" / "store.db"):
            pass


def test_a_new_store_can_be_opened_many_times_at_once(tmp_path: Path) -> None:
    """SQLite does not wait if two connections switch a new file to WAL."""
    barrier = threading.Barrier(8)

    def opened(path: Path) -> None:
        barrier.wait()
        connect(path).close()

    with ThreadPoolExecutor(barrier.parties) as pool:
        for number in range(5):
            list(pool.map(opened, [tmp_path / f"{number}.db"] * barrier.parties))


async def test_only_the_owner_can_read_the_file(path: Path) -> None:
    """Payloads contain names, so only the owner can read the file."""
    async with open_store(path):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


async def test_closing_leaves_one_file(path: Path) -> None:
    """After Ctrl-C, one file contains everything and can be copied."""
    async with open_store(path) as store:
        await store.append(stored("event-1"))
    assert [file.name for file in path.parent.iterdir()] == ["store.db"]


async def test_a_log_without_its_store_is_not_deleted(path: Path) -> None:
    """If a store was deleted and its log remains, okhook reports it and creates nothing."""
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
