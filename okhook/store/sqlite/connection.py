"""Connections to the store's file: one that writes, and any number that only read."""

import errno
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

from okhook.errors import StoreFailed, StoreFull
from okhook.store.sqlite.schema import PAGE_SIZE_BYTES, bring_up_to_date, check_ours

BUSY_TIMEOUT_S = 2.0
"""How long a writer waits for the lock of another process. Okta waits 3 s for an answer."""

MAKE_WRITABLE = "make the directory writable, or set OKHOOK_HOME to another one"

_RETRY_S = 0.005
_CHECKPOINT_PAGES = 500
"""How large the write-ahead log grows before SQLite moves its pages into the file: 4 MiB.

Commits wait for each move (measured: 500 pages p99 11 ms, 4000 pages p99 80 ms).
"""


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that writes to a file that only its owner can read."""
    with named_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        check_beside_its_log(path)
        path.touch(mode=0o600)
        connection = _opened(path, str(path), uri=False)
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE_BYTES}")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            bring_up_to_date(connection)
        except (sqlite3.Error, StoreFailed):
            connection.close()
            raise
        return connection


def connect_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads an existing file; raise as :func:`connect` does."""
    with named_faults(path):
        return _opened(path, f"{path.absolute().as_uri()}?mode=ro", uri=True)


def connect_unchanging(path: Path) -> sqlite3.Connection:
    """Return a connection that reads a file which nobody changes; it needs nothing beside it."""
    with named_faults(path):
        return _opened(path, f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block writes; roll it back if the block raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_is_a_file(path: Path) -> None:
    """Raise ``StoreFailed`` for a directory, a device or a pipe."""
    with suppress(OSError):
        if not S_ISREG(path.stat().st_mode):
            raise StoreFailed(
                f"{path} is not a file",
                next_step="pass a file to --store, or set OKHOOK_HOME to another directory",
            )


def check_beside_its_log(path: Path) -> None:
    """Raise ``StoreFailed`` if only the log of the file is left: SQLite would delete it."""
    check_is_a_file(path)
    log = log_of(path)
    file_is_missing = not path.exists() or not path.stat().st_size
    if file_is_missing and log.exists() and log.stat().st_size:
        raise StoreFailed(
            f"the store {path} is missing, and its log {log.name} still exists",
            why="a new store would delete the deliveries in the log",
            next_step=f"restore {path.name}, or move {log.name} away as well",
        )


def log_of(path: Path) -> Path:
    """Return the write-ahead log of a store's file."""
    return path.with_name(f"{path.name}-wal")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL; wait for a process that opens the same new file, which SQLite does not."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _opened(path: Path, address: str, *, uri: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        address,
        uri=uri,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        check_ours(connection, str(path))
    except (sqlite3.Error, StoreFailed):
        connection.close()
        raise
    return connection


_READING = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ)
"""I/O errors that free disk space does not fix; it may fix the others."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(
            f"the store {path} is damaged; okhook did not change it",
            why=str(error),
            next_step=f"move {path.name}, {path.name}-wal and {path.name}-shm away; okhook then"
            " creates a new store. `sqlite3 FILE .recover` may save the rows of the old one"
            "\nor pass another file to --store, if this one is not okhook's",
        )
    if is_full(error) or (code == sqlite3.SQLITE_CANTOPEN and _has_no_room(path.parent)):
        return StoreFull(
            f"the store {path} cannot grow",
            why=str(error),
            next_step="free disk space, for example with `okhook deliveries prune`",
        )
    if is_busy(error):
        return StoreFailed(
            f"the store {path} is in use by another process",
            next_step="stop that process, or try again",
        )
    if isinstance(error, FileExistsError | NotADirectoryError):
        return StoreFailed(
            f"the store {path} cannot be used",
            why=f"{path.parent} is not a directory",
            next_step="pass another file to --store, or set OKHOOK_HOME to another directory",
        )
    return StoreFailed(
        f"the store {path} cannot be used",
        why=getattr(error, "strerror", None) or str(error),
        next_step=MAKE_WRITABLE,
    )


def is_full(error: Exception) -> bool:
    """Return whether free disk space may help."""
    extended = getattr(error, "sqlite_errorcode", 0)
    if extended & 0xFF == sqlite3.SQLITE_IOERR:
        return extended not in _READING
    return extended == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in _NO_ROOM


def _has_no_room(directory: Path) -> bool:
    """Return whether SQLite may have been unable to make a file: it does not say why."""
    with suppress(OSError):
        return shutil.disk_usage(directory).free < PAGE_SIZE_BYTES
    return False


def is_busy(error: Exception) -> bool:
    """Return whether another process holds the lock."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
