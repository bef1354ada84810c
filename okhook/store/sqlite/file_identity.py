"""Notice that the files of an open store were deleted, replaced or written over.

SQLite goes on writing to files that no name leads to: what it stores there is lost.
"""

import os
import sqlite3
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.sqlite.connection import log_of
from okhook.store.sqlite.file_content import FileContent

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
