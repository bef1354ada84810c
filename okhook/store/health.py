"""How the store's file is: whole, how large, how full. Read in a thread, and bounded by time."""

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from typing import TypeVar

from okhook.errors import StoreFailed
from okhook.store.connecting import check_beside_its_log, connect_reading
from okhook.store.faults import named_faults

T = TypeVar("T")

_STEPS_BETWEEN_LOOKS = 1_000
"""Of SQLite's virtual machine: less than a millisecond."""

_GROWTH = timedelta(days=7)
_WHOLE = "ok"


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What was found. ``damage`` is what SQLite says; None for none.

    ``is_checked`` tells whether the look for damage came to its end, ``recent`` is how many records
    of the last seven days there are; ``records`` and ``recent`` are None where time was short.
    """

    size_bytes: int
    free_bytes: int
    is_checked: bool
    damage: str | None
    records: int | None
    recent: int | None

    @property
    def growth_bytes(self) -> int:
        """What another week like the last one takes, as far as the records tell."""
        if not self.records or not self.recent:
            return 0
        return self.size_bytes * self.recent // self.records


def has_begun(path: Path) -> bool:
    """Tell whether there is a store in ``path``: a file that is empty is yet to become one.

    Raises:
        StoreFailed: it cannot be looked at, is no file, or is missing beside its log.

    """
    if _size_or_none(path):
        return True
    check_beside_its_log(path)
    return False


def store_health(path: Path, *, within_s: float, now: datetime) -> StoreHealth:
    """Look at the store in ``path`` for at most ``within_s`` seconds; nothing is written.

    Raises:
        StoreFailed: it cannot be opened, or is another program's.

    """
    deadline = time.monotonic() + within_s
    with named_faults(path), closing(connect_reading(path)) as connection:
        connection.set_progress_handler(
            lambda: int(time.monotonic() > deadline), _STEPS_BETWEEN_LOOKS
        )
        records = _within(lambda: _number(connection, "SELECT count(*) FROM record"))
        since_us = round((now - _GROWTH).timestamp() * 1e6)
        recent = _within(
            lambda: _number(
                connection, "SELECT count(*) FROM record WHERE received_at_us > ?", since_us
            )
        )
        said = _within(lambda: str(connection.execute("PRAGMA quick_check(1)").fetchone()[0]))
        return StoreHealth(
            size_bytes=_size(path),
            free_bytes=shutil.disk_usage(path.parent).free,
            is_checked=said is not None,
            damage=None if said in (None, _WHOLE) else said,
            records=records,
            recent=recent,
        )


def _within(ask: Callable[[], T]) -> T | None:
    """Return an answer; None where the time was over before it came."""
    try:
        return ask()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return None


def _number(connection: sqlite3.Connection, question: str, *values: int) -> int:
    return int(connection.execute(question, values).fetchone()[0])


def _size(path: Path) -> int:
    """Return the size of the file and of the log beside it."""
    return sum(_size_or_none(each) or 0 for each in (path, _log_of(path)))


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _size_or_none(path: Path) -> int | None:
    """Return a file's size; None where there is none."""
    with named_faults(path), contextlib.suppress(FileNotFoundError, NotADirectoryError):
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise StoreFailed(
                f"{path} is not a file",
                next_step="move it away, or set OKHOOK_HOME to another directory",
            )
        return found.st_size
    return None
