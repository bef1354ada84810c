"""Check a SQLite store: its size, its room, and whether it is whole. Writes nothing."""

import contextlib
import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.health import RECENT, StoreHealth
from okhook.store.rows import microseconds
from okhook.store.sqlite.connection import (
    MAKE_WRITABLE,
    check_beside_its_log,
    check_is_a_file,
    connect_reading,
    log_of,
    named_faults,
)

_STEPS_BETWEEN_LOOKS = 1_000
"""Steps of SQLite's virtual machine between two looks at the clock, less than a millisecond."""


def sqlite_health(path: Path, *, within_s: float, now: datetime) -> StoreHealth | None:
    """Implement :func:`okhook.store.open.store_health`. An empty file is not a store yet."""
    if not _size(path):
        check_beside_its_log(path)
        _check_can_be_made(path)
        return None
    health = _health(path, within_s, now)
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StoreFailed(f"{path} is not writable for this user", next_step=MAKE_WRITABLE)
    return health


def _check_can_be_made(path: Path) -> None:
    nearest = next(each for each in path.parents if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise StoreFailed(
            f"cannot create a store in {path.parent}: {nearest} is not a directory that this user"
            " may write to",
            next_step=MAKE_WRITABLE,
        )


def _health(path: Path, within_s: float, now: datetime) -> StoreHealth:
    deadline = time.monotonic() + within_s
    since_us = microseconds(now - RECENT)
    with named_faults(path), closing(connect_reading(path)) as connection:
        connection.set_progress_handler(
            lambda: int(time.monotonic() > deadline), _STEPS_BETWEEN_LOOKS
        )
        records = _within(connection, "SELECT count(*) FROM record")
        recent = _within(
            connection, "SELECT count(*) FROM record WHERE received_at_us > ?", since_us
        )
        result = _within(connection, "PRAGMA quick_check(1)")
        return StoreHealth(
            size_bytes=_size(path) + _size(log_of(path)),
            free_bytes=shutil.disk_usage(path.parent).free,
            is_checked=result is not None,
            damage=None if result in (None, "ok") else str(result),
            records=None if records is None else int(records),
            recent=None if recent is None else int(recent),
        )


def _within(connection: sqlite3.Connection, question: str, *values: int) -> str | int | None:
    try:
        answer: str | int = connection.execute(question, values).fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return None
    return answer


def _size(path: Path) -> int:
    check_is_a_file(path)
    with named_faults(path), contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return path.stat().st_size
    return 0
