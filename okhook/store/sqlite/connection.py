"""Connections to the store's file: one that writes, and any number that only read."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.sqlite.faults import is_busy, named_faults
from okhook.store.sqlite.schema import PAGE_SIZE_BYTES, bring_up_to_date, check_ours

BUSY_TIMEOUT_S = 2.0
"""How long a writer waits for another process's. Okta gives the whole answer 3 seconds."""

_RETRY_S = 0.005
_CHECKPOINT_PAGES = 500
"""How large the write-ahead log may grow before its pages go into the file: 4 MiB.

A longer log makes each transfer a longer stop for those who wait for a commit (measured: 500 pages
p99 11 ms, 4000 pages p99 80 ms), a shorter one makes more of them.
"""


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that writes; the file is made where there is none, readable by its owner.

    Raises:
        StoreFailed: it cannot be opened, is damaged, or belongs to a newer okhook or another
            program. A damaged file is left as it is.
    """
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
    """Return a connection that only reads a file that is there.

    Raises:
        StoreFailed: as for :func:`connect`.
    """
    with named_faults(path):
        return _opened(path, f"{path.absolute().as_uri()}?mode=ro", uri=True)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block writes, or nothing of it where it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_beside_its_log(path: Path) -> None:
    """Refuse to begin anew beside a log that holds deliveries: SQLite would throw it away.

    Raises:
        StoreFailed: the file is missing or empty, and its log is not.
    """
    log = log_of(path)
    if path.exists() and path.stat().st_size:
        return
    if log.exists() and log.stat().st_size:
        raise StoreFailed(
            f"the store {path} is missing, and its log {log.name} is still there",
            why="the log holds deliveries that would be lost if a new store were made beside it",
            next_step=f"put {path.name} back, or move {log.name} away as well",
        )


def log_of(path: Path) -> Path:
    """Return the write-ahead log of a store's file."""
    return path.with_name(f"{path.name}-wal")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging.

    SQLite does not wait for another process that opens the same new file at that moment.
    """
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
