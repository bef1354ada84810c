"""Receivers by name: each has its own records in the store."""

from okhook.store.progress import RECOGNISED
from okhook.store.rows import NOBODY, OLD
from okhook.store.sql import SqlConnection, number, run


def known_as(connection: SqlConnection, name: str | None) -> int:
    """Return the id of a receiver, :data:`NOBODY` if there is none with this name."""
    if name is None:
        return OLD
    found = run(connection, "SELECT id FROM okhook.receiver WHERE name = :name", name=name)
    row = found.fetchone()
    return NOBODY if row is None else int(row[0])


def named(connection: SqlConnection, name: str | None) -> int:
    """Return the id of a receiver; a new one gets an id."""
    if (known := known_as(connection, name)) != NOBODY:
        return known
    insert = "INSERT INTO okhook.receiver (name) VALUES (:name) ON CONFLICT DO NOTHING"
    run(connection, insert, name=name)
    return known_as(connection, name)


def rewrite_something(connection: SqlConnection) -> None:
    """Write something that is there already, to see whether the store can be written."""
    run(connection, f"UPDATE okhook.receiver SET name = name WHERE id = {OLD}")  # noqa: S608 - a number


def names(connection: SqlConnection) -> list[str]:
    """Return the names of all receivers, in the order of their first use."""
    found = run(connection, "SELECT name FROM okhook.receiver WHERE name IS NOT NULL ORDER BY id")
    return [name for (name,) in found]


def owned_by(connection: SqlConnection, name: str) -> tuple[int, ...]:
    """Return the ids of the records of a receiver: its own, and the old ones if it has them."""
    receiver_id = known_as(connection, name)
    with_old = "SELECT count(*) FROM okhook.target WHERE receiver_id = :id AND has_old"
    has_old = number(connection, with_old, id=receiver_id)
    return (receiver_id, OLD) if has_old else (receiver_id,)


Scope = tuple[int, int] | None
"""The receivers whose deliveries count; None stands for all."""


def scope_of(connection: SqlConnection, receiver_id: int) -> Scope:
    """Return the receivers whose deliveries one of ``receiver_id`` may repeat.

    The old ones count until a receiver has them, and then for that one.
    """
    if receiver_id == OLD:
        return None
    found = run(connection, "SELECT receiver_id FROM okhook.target WHERE has_old")
    owners = [owner for (owner,) in found]
    return (receiver_id, OLD if not owners or receiver_id in owners else NOBODY)


def recognised_after(connection: SqlConnection, receiver: str | None, seq: int) -> str:
    """Return the condition of a receiver's records after ``seq`` that are checked for duplicates.

    Without a receiver it is that of all records.
    """
    after = f"record.seq > {seq} AND record.seq <= {RECOGNISED}"
    if receiver is None:
        return after
    return f"record.receiver_id = {known_as(connection, receiver)} AND {after}"


def count_after(connection: SqlConnection, receiver: str | None, seq: int) -> int:
    """Return how many recognised records a receiver has after ``seq``."""
    where = recognised_after(connection, receiver, seq)
    return number(connection, f"SELECT count(*) FROM okhook.record WHERE {where}")  # noqa: S608 - our own conditions


def duplicates_after(connection: SqlConnection, receiver: str | None, seq: int) -> tuple[int, int]:
    """Return the newest recognised ``seq``, and how many duplicates a receiver has after one."""
    found = run(
        connection,
        f"SELECT {RECOGNISED}, count(*)"  # noqa: S608 - our own conditions
        " FROM okhook.duplicate JOIN okhook.record ON record.seq = duplicate.seq"
        f" WHERE {recognised_after(connection, receiver, seq)}",
    )
    recognised, count = found.fetchone() or (0, 0)
    return int(recognised), int(count)


def before_newest(connection: SqlConnection, receiver: str | None, count: int) -> int:
    """Return the ``seq`` before a receiver's newest ``count`` records, 0 if it has no more."""
    where = recognised_after(connection, receiver, 0)
    newest = f"SELECT record.seq FROM okhook.record WHERE {where} ORDER BY record.seq DESC"  # noqa: S608 - our own conditions
    return number(connection, f"{newest} LIMIT 1 OFFSET :count", count=count)
