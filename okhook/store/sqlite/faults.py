"""What can be wrong with the store's file, in words, with what can be done about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from okhook.errors import StoreFailed

_READING = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)
"""I/O errors that more room on the disk does not mend; of the others it may."""


@contextmanager
def named_faults(path: Path) -> Iterator[None]:
    """Raise what SQLite and the system complain of as a ``StoreFailed`` that names ``path``."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise store_failed(path, error) from error


def store_failed(path: Path, error: Exception) -> StoreFailed:
    """Return the fault of the file ``path`` in words."""
    if isinstance(error, StoreFailed):
        return error
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(
            f"the store {path} is damaged, and was left as it is",
            why=str(error),
            next_step=f"move {path.name}, {path.name}-wal and {path.name}-shm away to start a"
            " new one; `sqlite3 FILE .recover` may save its rows",
        )
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and extended not in _READING):
        return StoreFailed(
            f"the store {path} cannot grow",
            why=str(error),
            next_step="make room on the disk, for instance with `okhook deliveries prune`",
        )
    if is_busy(error):
        return StoreFailed(
            f"the store {path} is held by another process", next_step="end it, or try again"
        )
    return StoreFailed(
        f"the store {path} cannot be used",
        why=getattr(error, "strerror", None) or str(error),
        next_step="see that the directory can be written, or set OKHOOK_HOME to another one",
    )


def is_busy(error: Exception) -> bool:
    """Return whether another process holds the lock."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
