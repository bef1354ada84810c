"""What a receiver processed, in a database, so that a restart forgets nothing."""

import sqlite3
from pathlib import Path


class Processed:
    """Counts events by their uuid. A unique key decides who was first."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._connected() as database:
            database.execute("pragma journal_mode = wal")
            database.execute("create table if not exists processed (uuid text primary key)")

    def add(self, uuids: list[str]) -> None:
        with self._connected() as database:
            database.executemany(
                "insert or ignore into processed values (?)", [(uuid,) for uuid in uuids]
            )

    def count(self, uuid: str) -> int:
        with self._connected() as database:
            found = database.execute("select count(*) from processed where uuid = ?", (uuid,))
            return int(found.fetchone()[0])

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=10)
        database.execute("pragma synchronous = off")  # tests wait for no disk
        return database
