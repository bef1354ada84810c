"""The SQLite file: who may open it, which files are refused, and what is left after the end."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from okhook.errors import StoreFailed
from okhook.store.open import open_store
from okhook.store.sqlite.connection import connect
from okhook.store.sqlite.schema import check_ours
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


def test_a_new_store_waits_for_a_process_that_opens_it_too(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself does not wait for a lock while it switches a new file to WAL."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        class Contended(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
                if sql == "PRAGMA journal_mode = WAL" and not waited:
                    other.execute("BEGIN IMMEDIATE")
                return super().execute(sql, *values)

        def wait(_: float) -> None:
            waited.append(True)
            other.execute("COMMIT")

        waited: list[bool] = []
        contended = partial(sqlite3.connect, factory=Contended)
        monkeypatch.setattr("okhook.store.sqlite.connection.sqlite3.connect", contended)
        monkeypatch.setattr("okhook.store.sqlite.connection.time.sleep", wait)
        connect(path).close()
    assert waited == [True]


@pytest.mark.parametrize("statement", range(4))
def test_a_store_that_another_process_creates_meanwhile_is_ours(path: Path, statement: int) -> None:
    """The tables may appear before any of the statements that look at the file."""

    class Creating(sqlite3.Connection):
        executed = 0

        def execute(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401
            if self.executed == statement:
                connect(path).close()
            self.executed += 1
            return super().execute(*arguments)

    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path, factory=Creating, isolation_level=None)) as connection:
        check_ours(connection, "store.db")


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
