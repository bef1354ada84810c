"""The simulated crashes do what they say: they spoil what was not committed, and nothing else."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.load.deliveries import randomness
from tests.load.kept import assert_sound
from tests.store.sqlite import torn_wal
from tests.store.sqlite.torn_wal import committed_wal, tear, transaction, wal_file

ROWS = [(number, f"{number} " * 300) for number in range(200)]


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A database as a killed process leaves it: half of it checkpointed, half in the WAL alone."""
    live, left = tmp_path / "live.db", tmp_path / "left.db"
    with closing(sqlite3.connect(live, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", ROWS[:100])
        connection.execute("PRAGMA wal_checkpoint")
        connection.executemany("INSERT INTO t VALUES (?, ?)", ROWS[100:])
        for of in (lambda path: path, wal_file, torn_wal.shm_file):
            shutil.copy(of(live), of(left))
    return left


def rows_of(path: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM t ORDER BY id").fetchall()


@pytest.mark.parametrize("seed", range(30))
def test_no_simulated_crash_touches_what_was_committed(killed: Path, seed: int) -> None:
    """Whatever is torn, SQLite finds every committed row and a sound file."""
    done = tear(killed, randomness(seed))
    assert rows_of(killed) == ROWS, done
    assert_sound(killed)


@pytest.mark.parametrize("spoil", torn_wal.TEARS[1:], ids=lambda spoil: str(spoil.__name__))
def test_each_tear_changes_the_file(
    killed: Path, spoil: Callable[[Path, torn_wal.CommittedWal, random.Random], None]
) -> None:
    """A tear that left the WAL as it was would prove nothing."""
    with wal_file(killed).open("ab") as wal:
        wal.write(bytes(10_000))
    before = wal_file(killed).read_bytes()
    committed = committed_wal(killed)
    assert committed is not None
    spoil(killed, committed, randomness(1))
    assert wal_file(killed).read_bytes() != before


def test_an_untorn_transaction_of_ours_would_count(killed: Path) -> None:
    """Our frames are ones that SQLite takes: it is the tear alone that keeps them out."""
    committed = committed_wal(killed)
    assert committed is not None
    with wal_file(killed).open("r+b") as wal:
        wal.seek(committed.end)
        wal.write(transaction(committed, randomness(1), pages=committed.pages))
    with pytest.raises((sqlite3.DatabaseError, AssertionError)):
        assert_sound(killed)


def test_without_a_wal_there_is_nothing_to_tear(tmp_path: Path) -> None:
    """A store that was closed in order is left alone."""
    path = tmp_path / "closed.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (id)")
    assert tear(path, randomness(1)) is None
