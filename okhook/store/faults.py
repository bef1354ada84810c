"""What can be wrong with the store's file, in words, with what can be done about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from okhook.errors import StoreFailed


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
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(
            f"the store {path} is damaged, and was left as it is",
            why=str(error),
            next_step="move it away to start a new one; `sqlite3 FILE .recover` may save its rows",
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StoreFailed(
            f"the store {path} cannot grow",
            why=str(error),
            next_step="make room on the disk, for instance with `okhook deliveries prune`",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreFailed(
            f"the store {path} is held by another process", next_step="end it, or try again"
        )
    return StoreFailed(
        f"the store {path} cannot be used",
        why=getattr(error, "strerror", None) or str(error),
        next_step="see that the directory can be written, or set OKHOOK_HOME to another one",
    )
