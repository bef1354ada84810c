"""Receivers by name: each has its own records in the store."""

import sqlite3

from okhook.records.record import Record
from okhook.store.rows import NOBODY, OLD, record_of
from okhook.store.sqlite.rows import RECORD_COLUMNS

_AFTER = "record.seq > :seq AND record.seq <= (SELECT seq FROM progress WHERE name = 'recognised')"


def _own_after(name: str | None) -> str:
    """Return the condition of a receiver's records; without a name, of all records."""
    return _AFTER if name is None else f"record.receiver_id = :receiver AND {_AFTER}"


def named(connection: sqlite3.Connection, name: str | None) -> int:
    """Return the id of a receiver; a new one gets an id."""
    if (known := known_as(connection, name)) != NOBODY:
        return known
    connection.execute("INSERT OR IGNORE INTO receiver (name) VALUES (?)", (name,))
    return known_as(connection, name)


def known_as(connection: sqlite3.Connection, name: str | None) -> int:
    """Return the id of a receiver, :data:`NOBODY` if there is none with this name."""
    row = connection.execute("SELECT id FROM receiver WHERE name IS ?", (name,)).fetchone()
    return NOBODY if row is None else int(row[0])


def owned_by(connection: sqlite3.Connection, name: str) -> tuple[int, ...]:
    """Return the ids of the records of a receiver: its own, and the old ones if it has them."""
    receiver_id = known_as(connection, name)
    row = connection.execute(
        "SELECT 1 FROM target WHERE receiver_id = ? AND has_old", (receiver_id,)
    ).fetchone()
    return (receiver_id,) if row is None else (receiver_id, OLD)


Scope = tuple[int | None, int | None]
"""The ids of one or two receivers; None stands for all."""


def scope_of(connection: sqlite3.Connection, receiver_id: int) -> Scope:
    """Return the receivers whose deliveries one of ``receiver_id`` may repeat.

    The old ones count until a receiver has them, and then for that one.
    """
    if receiver_id == OLD:
        return (None, None)
    (is_its_own,) = connection.execute(
        "SELECT ifnull(max(receiver_id = ?), 1) FROM target WHERE has_old", (receiver_id,)
    ).fetchone()
    return (receiver_id, OLD if is_its_own else NOBODY)


def names(connection: sqlite3.Connection) -> list[str]:
    """Return the names of all receivers, in the order of their first use."""
    rows = connection.execute("SELECT name FROM receiver WHERE name IS NOT NULL ORDER BY id")
    return [name for (name,) in rows]


def own_after(
    connection: sqlite3.Connection, receiver: str | None, seq: int, limit: int
) -> list[Record]:
    """Return up to ``limit`` records of a receiver after ``seq`` that are recognised."""
    rows = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM record WHERE {_own_after(receiver)}"  # noqa: S608 - our own conditions
        " ORDER BY record.seq LIMIT :limit",
        {"receiver": known_as(connection, receiver), "seq": seq, "limit": limit},
    )
    return [record_of(row) for row in rows]


def count_after(connection: sqlite3.Connection, receiver: str | None, seq: int) -> int:
    """Return how many recognised records a receiver has after ``seq``."""
    row = connection.execute(
        f"SELECT count(*) FROM record WHERE {_own_after(receiver)}",  # noqa: S608 - our own conditions
        {"receiver": known_as(connection, receiver), "seq": seq},
    ).fetchone()
    return int(row[0])


def duplicates_after(
    connection: sqlite3.Connection, receiver: str | None, seq: int
) -> tuple[int, int]:
    """Return the newest recognised ``seq``, and how many duplicates a receiver has after one."""
    (recognised, count) = connection.execute(
        "SELECT (SELECT seq FROM progress WHERE name = 'recognised'), count(*)"  # noqa: S608 - our own conditions
        f" FROM duplicate JOIN record ON record.seq = duplicate.seq WHERE {_own_after(receiver)}",
        {"receiver": known_as(connection, receiver), "seq": seq},
    ).fetchone()
    return int(recognised), int(count)


def before_newest(connection: sqlite3.Connection, receiver: str | None, count: int) -> int:
    """Return the ``seq`` before a receiver's newest ``count`` records, 0 if it has no more."""
    row = connection.execute(
        f"SELECT record.seq FROM record WHERE {_own_after(receiver)}"  # noqa: S608 - our own conditions
        " ORDER BY record.seq DESC LIMIT 1 OFFSET :count",
        {"receiver": known_as(connection, receiver), "seq": 0, "count": count},
    ).fetchone()
    return 0 if row is None else int(row[0])
