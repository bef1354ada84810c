"""Errors of the store's file: what happened, why, and what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from okhook.errors import StoreFailed

_READING = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)
"""I/O errors that free disk space does not fix; it may fix the others."""


@contextmanager
def named_faults(path: Path) -> Iterator[None]:
    """Turn an error of SQLite or the system into a ``StoreFailed`` that names ``path``."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise store_failed(path, error) from error


def store_failed(path: Path, error: Exception) -> StoreFailed:
    """Return ``error`` as a ``StoreFailed`` that names ``path``."""
    if isinstance(error, StoreFailed):
        return error
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(
            f"the store {path} is damaged; okhook did not change it",
            why=str(error),
            next_step=f"move {path.name}, {path.name}-wal and {path.name}-shm away; okhook then"
            " creates a new store. `sqlite3 FILE .recover` may save the rows of the old one",
        )
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and extended not in _READING):
        return StoreFailed(
            f"the store {path} cannot grow",
            why=str(error),
            next_step="free disk space, for example with `okhook deliveries prune`",
        )
    if is_busy(error):
        return StoreFailed(
            f"the store {path} is held by another process",
            next_step="stop that process, or try again",
        )
    return StoreFailed(
        f"the store {path} cannot be used",
        why=getattr(error, "strerror", None) or str(error),
        next_step="make the directory writable, or set OKHOOK_HOME to another one",
    )


def is_busy(error: Exception) -> bool:
    """Return whether another process holds the lock."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
