"""Notice that another program wrote into the file of an open store, such as ``cp``.

SQLite goes on with a mixture of that file and its own log. The file is never opened past SQLite:
to close it again would release SQLite's locks.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from okhook.errors import StoreFailed
from okhook.store.sqlite.connection import connect_reading

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
