"""A store that can only be read is read whole, and nothing is written beside it."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from okhook.errors import NoStore, StoreFailed
from okhook.records.record import RecordFilter
from okhook.store.open import open_reader, open_store
from okhook.store.sqlite import read_only
from okhook.store.sqlite.connection import connect, connect_reading, log_of
from tests.support.records import stored


async def _fill(path: Path, left_behind: Path) -> None:
    async with open_store(path) as store:
        for event_id in "abc":
            await store.append(stored(event_id))
        for file in (path, log_of(path)):
            shutil.copy(file, left_behind)
        await store.settled()


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    """Return a store with three records whose receiver has ended."""
    (tmp_path / "killed").mkdir()
    path = tmp_path / "ended" / "store.db"
    anyio.run(_fill, path, tmp_path / "killed")
    seqs(path)  # completes the index
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert not log_of(path).exists()
    return path


@pytest.fixture
def killed(ended: Path) -> Path:
    """Return such a store whose receiver was killed: its records are in the log."""
    return ended.parent.parent / "killed" / "store.db"


def protect(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the store look as it does to somebody who cannot write, also to root."""

    def refuse_here(wanted: Path) -> sqlite3.Connection:
        if wanted == path:
            raise StoreFailed("unable to open database file")
        return connect_reading(wanted)

    monkeypatch.setattr("okhook.store.sqlite.reader.is_read_only", lambda _: True)
    monkeypatch.setattr(read_only, "connect_reading", refuse_here)


def seqs(path: Path) -> list[int]:
    with open_reader(path) as reader:
        assert reader.catch_up(lambda _: None) == 0
        return [found.record.seq for found in reader.in_order(RecordFilter(everything=True))]


def test_a_store_that_ended_is_read_where_it_is_field_04(
    ended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a copy, because its index is complete."""
    protect(ended, monkeypatch)
    monkeypatch.setattr(read_only, "_copy", None)
    assert seqs(ended) == [1, 2, 3]
    assert list(ended.parent.iterdir()) == [ended]


def test_a_store_with_a_log_is_read_from_a_copy_field_04(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is only in the log is read, and the copy is removed."""
    copies = killed.parent.parent / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    protect(killed, monkeypatch)
    before = {file: file.read_bytes() for file in killed.parent.iterdir()}
    assert seqs(killed) == [1, 2, 3]
    assert {file: file.read_bytes() for file in killed.parent.iterdir()} == before
    assert list(copies.iterdir()) == []


def test_a_damaged_store_is_named_and_not_its_copy_field_04(
    ended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is nobody's business."""
    ended.write_bytes(b"x" * 10_000)
    protect(ended, monkeypatch)
    with pytest.raises(StoreFailed, match=f"the store {ended} is damaged"):
        seqs(ended)


def test_a_directory_of_somebody_else_is_enough_field_04(killed: Path) -> None:
    """With the permissions themselves."""
    killed.parent.chmod(0o500)
    try:
        if os.access(killed.parent, os.W_OK):
            pytest.skip("root can write into every directory")
        assert seqs(killed) == [1, 2, 3]
    finally:
        killed.parent.chmod(0o700)


def test_an_empty_file_is_no_store_and_stays_empty(tmp_path: Path) -> None:
    """SQLite would make a database of it: a mistyped path is not to become a store."""
    path = tmp_path / "notes.txt"
    path.touch()
    with pytest.raises(NoStore) as refused, open_reader(path):
        pass
    assert refused.value.why == "the file is empty"
    assert path.read_bytes() == b""
    assert list(tmp_path.iterdir()) == [path]
