"""Read the SQLite store, whether or not a receiver writes to it at the same time."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from okhook.errors import NoStore, StoreFailed, StoreFull
from okhook.store.contract import PrunePlan, Reader
from okhook.store.progress import progress_of
from okhook.store.sql_reader import SqlReader
from okhook.store.sqlite.connection import (
    check_is_a_file,
    connect,
    connect_reading,
    log_of,
    named_faults,
)
from okhook.store.sqlite.deriving import index, recognise
from okhook.store.sqlite.pruning import empty_log, prune
from okhook.store.sqlite.read_only import is_read_only, opened_read_only
from okhook.store.sqlite.reserve import give_up, room_to_prune, set_aside
from okhook.store.sqlite.schema import is_up_to_date
from okhook.store.sqlite.search import query_of
from okhook.store.sqlite.seen import carriers


class _SqliteReader(SqlReader[sqlite3.Connection]):
    """Implements :class:`~okhook.store.contract.Reader`. ``read_from`` may be a copy."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_from: Path) -> None:
        self._path = path
        self._connection = connection
        self._read_from = read_from

    query_of = staticmethod(query_of)
    carriers = staticmethod(carriers)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        with named_faults(self._path):
            yield self._connection

    def catch_up(self, report: Callable[[int], None]) -> int:
        with named_faults(self._path):
            progress = progress_of(self._connection)
        last = progress.last_seq
        if progress.indexed >= last:
            return 0
        with suppress(StoreFailed), closing(connect(self._read_from)) as writing:
            while (left := last - progress.indexed) > 0:
                report(left)
                with named_faults(self._path):
                    progress = (index if progress.is_recognised else recognise)(writing)
        return max(0, last - progress.indexed)

    def prune(self, plan: PrunePlan, *, held_too: bool) -> Iterator[int]:
        def make_room() -> bool:
            return give_up(self._path)

        try:
            with named_faults(self._path), closing(_connected(self._path)) as writing:
                yield from prune(writing, plan, held_too=held_too, make_room=make_room)
        except StoreFull as full:
            room = f"{-(-room_to_prune(self._path) >> 20)} MiB"
            step = f"free {room} on that disk first: removing deliveries needs room for a moment"
            raise StoreFull(full.what, why=full.why, next_step=step) from full
        finally:
            set_aside(self._path)


@contextmanager
def sqlite_reader(path: Path) -> Iterator[Reader]:
    """Implement :func:`okhook.store.open.open_reader`."""
    with opened_for_reading(path) as (read_from, connection):
        yield _SqliteReader(path, connection, read_from=read_from)


@contextmanager
def opened_for_reading(path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """Yield the file to read, which may be a copy, and a connection to it."""
    if not path.exists() or _is_empty(path):
        raise NoStore(
            f"found no store at {path}",
            why="the file is empty" if path.exists() else "okhook has not received anything yet",
            next_step="run `okhook serve` or `okhook up`, or set OKHOOK_HOME",
        )
    check_is_a_file(path)
    with ExitStack() as opened:
        try:
            if is_read_only(path):
                read_from, connection = opened_read_only(path, opened)
            else:
                read_from, connection = path, opened.enter_context(closing(_up_to_date(path)))
        except StoreFull:
            read_from, connection = opened_read_only(path, opened)
        yield read_from, connection


def _is_empty(path: Path) -> bool:
    """Return whether a file has nothing in it: to SQLite, that is a database like any other."""
    return path.is_file() and path.stat().st_size == 0 and not log_of(path).exists()


def _connected(path: Path) -> sqlite3.Connection:
    """Connect to write, if need be with the room that was set aside."""
    try:
        return connect(path)
    except StoreFull:
        if not give_up(path):
            raise
        connection = connect(path)
        empty_log(connection)  # or the first step fills the room, and the log stays where it is
        return connection


def _up_to_date(path: Path) -> sqlite3.Connection:
    connection = connect_reading(path)
    if is_up_to_date(connection):
        return connection
    connection.close()
    connect(path).close()
    return connect_reading(path)
