"""Receivers by name: each has its own records in the store."""

from okhook.records.record import Record
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.rows import RECOGNISED, RECORD_COLUMNS, record_of
from okhook.store.rows import NOBODY, OLD

_AFTER = f"record.seq > %(seq)s AND record.seq <= {RECOGNISED}"


def _own_after(name: str | None) -> str:
    """Return the condition of a receiver's records; without a name, of all records."""
    return _AFTER if name is None else f"record.receiver_id = %(receiver)s AND {_AFTER}"


def named(connection: Connection, name: str | None) -> int:
    """Return the id of a receiver; a new one gets an id."""
    if (known := known_as(connection, name)) != NOBODY:
        return known
    connection.execute(
        "INSERT INTO okhook.receiver (name) VALUES (%s) ON CONFLICT DO NOTHING", (name,)
    )
    return known_as(connection, name)


def known_as(connection: Connection, name: str | None) -> int:
    """Return the id of a receiver, :data:`NOBODY` if there is none with this name."""
    row = connection.execute(
        "SELECT id FROM okhook.receiver WHERE name IS NOT DISTINCT FROM %s::text", (name,)
    ).fetchone()
    return NOBODY if row is None else int(row[0])


def owned_by(connection: Connection, name: str) -> tuple[int, ...]:
    """Return the ids of the records of a receiver: its own, and the old ones if it has them."""
    receiver_id = known_as(connection, name)
    row = connection.execute(
        "SELECT 1 FROM okhook.target WHERE receiver_id = %s AND has_old LIMIT 1", (receiver_id,)
    ).fetchone()
    return (receiver_id,) if row is None else (receiver_id, OLD)


def scope_of(connection: Connection, receiver_id: int) -> tuple[int, ...] | None:
    """Return the receivers whose deliveries one of ``receiver_id`` may repeat; None for all.

    The old ones count until a receiver has them, and then for that one.
    """
    if receiver_id == OLD:
        return None
    row = connection.execute(
        "SELECT coalesce(bool_or(receiver_id = %s), true) FROM okhook.target WHERE has_old",
        (receiver_id,),
    ).fetchone()
    return (receiver_id, OLD) if row is None or row[0] else (receiver_id,)


def names(connection: Connection) -> list[str]:
    """Return the names of all receivers, in the order of their first use."""
    found = connection.execute(
        "SELECT name FROM okhook.receiver WHERE name IS NOT NULL ORDER BY id"
    )
    return [name for (name,) in found]


def own_after(connection: Connection, receiver: str | None, seq: int, limit: int) -> list[Record]:
    """Return up to ``limit`` records of a receiver after ``seq`` that are recognised."""
    found = connection.execute(
        f"SELECT {RECORD_COLUMNS} FROM okhook.record WHERE {_own_after(receiver)}"  # noqa: S608 - our own conditions
        " ORDER BY record.seq LIMIT %(limit)s",
        {"receiver": known_as(connection, receiver), "seq": seq, "limit": limit},
        binary=True,
    )
    return [record_of(row) for row in found]


def count_after(connection: Connection, receiver: str | None, seq: int) -> int:
    """Return how many recognised records a receiver has after ``seq``."""
    row = connection.execute(
        f"SELECT count(*) FROM okhook.record WHERE {_own_after(receiver)}",  # noqa: S608 - our own conditions
        {"receiver": known_as(connection, receiver), "seq": seq},
    ).fetchone()
    return 0 if row is None else int(row[0])


def duplicates_after(connection: Connection, receiver: str | None, seq: int) -> tuple[int, int]:
    """Return the newest recognised ``seq``, and how many duplicates a receiver has after one."""
    row = connection.execute(
        f"SELECT {RECOGNISED}, count(*) FROM okhook.duplicate"  # noqa: S608 - our own conditions
        f" JOIN okhook.record ON record.seq = duplicate.seq WHERE {_own_after(receiver)}",
        {"receiver": known_as(connection, receiver), "seq": seq},
    ).fetchone()
    recognised, count = row or (0, 0)
    return int(recognised), int(count)


def before_newest(connection: Connection, receiver: str | None, count: int) -> int:
    """Return the ``seq`` before a receiver's newest ``count`` records, 0 if it has no more."""
    row = connection.execute(
        f"SELECT record.seq FROM okhook.record WHERE {_own_after(receiver)}"  # noqa: S608 - our own conditions
        " ORDER BY record.seq DESC LIMIT 1 OFFSET %(count)s",
        {"receiver": known_as(connection, receiver), "seq": 0, "count": count},
    ).fetchone()
    return 0 if row is None else int(row[0])
