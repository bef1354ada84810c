"""Notice that the files of an open store were deleted, replaced or written over.

SQLite goes on writing to files that no name leads to: what it stores there is lost. When another
program such as ``cp`` wrote into the file, SQLite goes on with a mixture of that and its own log.

The file is never opened past SQLite: to close it again would release SQLite's locks.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.sqlite.connection import connect_reading, log_of

_Stamp = tuple[int, int]
_Marks = dict[int, int]

_BEHIND = (0, 10, 100, 1000, 10_000)
"""How far before the newest record those stand whose times are compared."""

_FOREIGN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class FileContent:
    """What is known of a store's file: some records, and when it was last changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: _Stamp | None = None
        self._marks: _Marks = {}
        self._data_version = 0
        self._fault: StoreFailed | None = None

    def fault(self, stamp: _Stamp, connection: sqlite3.Connection) -> StoreFailed | None:
        """Return the fault if the file was written over.

        SQLite changes the file, too, when it empties its log. So whenever ``stamp``, the time of
        the change and the size, is a new one, some records are looked at again. One that is gone
        was pruned if the ``connection`` noticed that another process wrote.
        """
        if stamp == self._stamp:
            return self._fault
        try:
            is_ours = self._is_ours(connection)
        except (sqlite3.Error, StoreFailed) as error:
            code = getattr(error.__cause__ or error, "sqlite_errorcode", 0) & 0xFF
            if code not in _FOREIGN:
                return self._fault  # it could not be read now; the next call looks again
            is_ours = False
        self._stamp, self._fault = stamp, None if is_ours else _written_over(self._path)
        return self._fault

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Look at the marked records through a new connection, and mark newer ones."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        with closing(connect_reading(self._path)) as reading:
            found = _times(reading, list(self._marks))
            if version != self._data_version:  # another process may have pruned the others
                self._marks = {seq: self._marks[seq] for seq in found}
            if found != self._marks:
                return False
            self._marks, self._data_version = _marks(reading), version
        return True


def _marks(reading: sqlite3.Connection) -> _Marks:
    newest = reading.execute("SELECT max(seq) FROM record").fetchone()[0] or 0
    return _times(reading, [newest - behind for behind in _BEHIND if newest > behind])


def _times(reading: sqlite3.Connection, seqs: list[int]) -> _Marks:
    wanted = ", ".join("?" * len(seqs))
    return dict(
        reading.execute(f"SELECT seq, received_at_us FROM record WHERE seq IN ({wanted})", seqs)  # noqa: S608 - question marks
    )


def _written_over(path: Path) -> StoreFailed:
    return StoreFailed(
        f"another program wrote into the file {path}",
        why="okhook stores nothing until you put the right file back or restart okhook",
        next_step=f"stop okhook, put the file in place again, and delete {path.name}-wal and"
        f" {path.name}-shm, which belong to the file that was there before",
    )


_Inode = tuple[int, int] | None


class FileIdentity:
    """The files of a store that was just opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _identity(_found(path))
        self._log: _Inode = None
        self._content = FileContent(path)

    @property
    def is_lost(self) -> bool:
        """Whether the file has no name any more."""
        return _identity(_found(self._path)) != self._file

    def fault(self, connection: sqlite3.Connection) -> StoreFailed | None:
        """Return the fault if the file is not the one that was opened, or has other content."""
        found = _found(self._path)
        if found is None or not found.st_size or _identity(found) != self._file:
            return _gone(self._path)
        return self._content.fault((found.st_mtime_ns, found.st_size), connection)

    def wrote(self) -> None:
        """Remember the log, which exists from the first commit on."""
        self._log = self._log or _identity(_found(log_of(self._path)))

    def any_fault(self, connection: sqlite3.Connection) -> StoreFailed | None:
        """Return the fault if the file has one, or its log is not the one that was opened."""
        log = log_of(self._path)
        if self._log is not None and _identity(_found(log)) != self._log:
            return self.fault(connection) or _gone(log)
        return self.fault(connection)


def _found(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - each commit waits for it
    except OSError:
        return None


def _identity(found: os.stat_result | None) -> _Inode:
    return None if found is None else (found.st_dev, found.st_ino)


def _gone(path: Path) -> StoreFailed:
    return StoreFailed(
        f"the file {path} was deleted or replaced",
        why="okhook stores nothing until you put the file back or restart okhook",
    )
