"""Notice that the files of an open store were deleted or replaced.

SQLite goes on writing to files that no name leads to: what it stores there is lost.
"""

import os
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.sqlite.connection import log_of

_Inode = tuple[int, int] | None


class FileIdentity:
    """The files of a store that was just opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _identity(_found(path))
        self._log: _Inode = None

    def fault(self) -> StoreFailed | None:
        """Return the fault if the file is not the one that was opened, or was emptied."""
        found = _found(self._path)
        is_there = found is not None and found.st_size and _identity(found) == self._file
        return None if is_there else _gone(self._path)

    def wrote(self) -> None:
        """Remember the log, which exists from the first commit on."""
        self._log = self._log or _identity(_found(log_of(self._path)))

    def any_fault(self) -> StoreFailed | None:
        """Return the fault if the file, or its log, is not the one that was opened."""
        log = log_of(self._path)
        if self._log is not None and _identity(_found(log)) != self._log:
            return self.fault() or _gone(log)
        return self.fault()


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
