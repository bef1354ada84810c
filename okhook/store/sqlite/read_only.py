"""Read a store that this process can only read: where it is, or else from a copy.

A copy is needed if the log is not moved into the file yet, and if an index or a migration is
missing: all of these have to be written somewhere.
"""

import os
import shutil
import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from okhook.errors import StoreFailed
from okhook.store.progress import progress_of
from okhook.store.sqlite.connection import (
    connect,
    connect_reading,
    connect_unchanging,
    log_of,
    named_faults,
)
from okhook.store.sqlite.schema import is_up_to_date


def is_read_only(path: Path) -> bool:
    """Return whether this process cannot write the file, or nothing beside it."""
    return not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def opened_read_only(path: Path, until: ExitStack) -> tuple[Path, sqlite3.Connection]:
    """Return the file to read and a connection to it; both last ``until`` the stack ends."""
    ways = [connect_reading]
    if not (log_of(path).exists() and log_of(path).stat().st_size):
        ways.append(connect_unchanging)
    for way in ways:
        with suppress(StoreFailed):
            connection = until.enter_context(closing(way(path)))
            if _is_complete(connection):
                return path, connection
    copy = _copy(path, Path(until.enter_context(TemporaryDirectory(prefix="okhook-"))))
    try:
        connect(copy).close()
    except StoreFailed as error:
        what = error.what.replace(str(copy), str(path))
        raise StoreFailed(what, why=error.why, next_step=error.next_step) from None
    return copy, until.enter_context(closing(connect_reading(copy)))


def _is_complete(connection: sqlite3.Connection) -> bool:
    if not is_up_to_date(connection):
        return False
    progress = progress_of(connection)
    return progress.indexed >= progress.last_seq


def _copy(path: Path, directory: Path) -> Path:
    copy = directory / path.name
    with named_faults(path):
        shutil.copyfile(path, copy)
        if log_of(path).exists():
            shutil.copyfile(log_of(path), log_of(copy))
    return copy
