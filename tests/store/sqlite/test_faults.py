"""The errors of the store's file, each with the right next step."""

import sqlite3
from pathlib import Path

import pytest

from okhook.errors import StoreFailed
from okhook.store.sqlite.connection import connect, named_faults, store_failed
from okhook.store.sqlite.reader import sqlite_reader

STORE = Path("/state/store.db")


def a_fault(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "what", "step"),
    [
        (sqlite3.SQLITE_CORRUPT_INDEX, "is damaged", "move store.db, store.db-wal and"),
        (sqlite3.SQLITE_NOTADB, "is damaged", ".recover"),
        (sqlite3.SQLITE_FULL, "cannot grow", "prune"),
        (sqlite3.SQLITE_IOERR_WRITE, "cannot grow", "prune"),
        (sqlite3.SQLITE_IOERR_FSYNC, "cannot grow", "prune"),
        (sqlite3.SQLITE_IOERR_SHMSIZE, "cannot grow", "prune"),
        (sqlite3.SQLITE_IOERR_READ, "cannot be used", "OKHOOK_HOME"),
        (sqlite3.SQLITE_IOERR_SHORT_READ, "cannot be used", "OKHOOK_HOME"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "is in use by another process", "stop that process"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be used", "OKHOOK_HOME"),
    ],
)
def test_each_error_has_its_next_step(code: int, what: str, step: str) -> None:
    """For example, free disk space does not help against a read error."""
    failed = store_failed(STORE, a_fault(code))
    assert failed.what.startswith(f"the store {STORE} {what}")
    assert step in (failed.next_step or "")


def test_the_message_of_the_system_is_the_reason() -> None:
    """The reason is the system's message, without Python's additions."""
    with pytest.raises(StoreFailed, match="cannot be used") as caught, named_faults(STORE):
        raise PermissionError(13, "Permission denied", "/state")
    assert caught.value.why == "Permission denied"


def test_a_store_error_passes_unchanged() -> None:
    """A ``StoreFailed`` stays as it is."""
    ours = StoreFailed("another program's")
    assert store_failed(STORE, ours) is ours


@pytest.mark.parametrize("place", [Path("/dev/null"), Path("/")])
def test_what_is_not_a_file_is_refused(place: Path) -> None:
    """SQLite would take a device for an empty database, and call a directory an I/O error."""
    with pytest.raises(StoreFailed, match="is not a file"), sqlite_reader(place):
        pass
    with pytest.raises(StoreFailed, match="is not a file"):
        connect(place)
