"""Receivers by name: each has its own records in the store."""

from okhook.store.rows import NOBODY, OLD
from okhook.store.sql import SqlConnection, number, prefix_of


def known_as(connection: SqlConnection, name: str | None) -> int:
    """Return the id of a receiver, :data:`NOBODY` if there is none with this name."""
    found = connection.execute(f"SELECT name, id FROM {prefix_of(connection)}receiver")  # noqa: S608 - our own words
    return next((int(id_) for known, id_ in list(found) if known == name), NOBODY)


def rewrite_something(connection: SqlConnection) -> None:
    """Write something that is there already, to see whether the store can be written."""
    connection.execute(f"UPDATE {prefix_of(connection)}receiver SET name = name WHERE id = {OLD}")  # noqa: S608 - our own words


def names(connection: SqlConnection) -> list[str]:
    """Return the names of all receivers, in the order of their first use."""
    found = connection.execute(f"SELECT name FROM {prefix_of(connection)}receiver ORDER BY id")  # noqa: S608 - our own words
    return [name for (name,) in found if name is not None]


def owned_by(connection: SqlConnection, name: str) -> tuple[int, ...]:
    """Return the ids of the records of a receiver: its own, and the old ones if it has them."""
    receiver_id = known_as(connection, name)
    targets = f"SELECT count(*) FROM {prefix_of(connection)}target"  # noqa: S608 - our own words
    has_old = number(connection, f"{targets} WHERE receiver_id = {receiver_id} AND has_old")
    return (receiver_id, OLD) if has_old else (receiver_id,)


Scope = tuple[int, int] | None
"""The receivers whose deliveries count; None stands for all."""


def scope_of(connection: SqlConnection, receiver_id: int) -> Scope:
    """Return the receivers whose deliveries one of ``receiver_id`` may repeat.

    The old ones count until a receiver has them, and then for that one.
    """
    if receiver_id == OLD:
        return None
    found = connection.execute(
        f"SELECT receiver_id FROM {prefix_of(connection)}target WHERE has_old"  # noqa: S608 - our own words
    )
    owners = [owner for (owner,) in found]
    return (receiver_id, OLD if not owners or receiver_id in owners else NOBODY)


def recognised_after(connection: SqlConnection, receiver: str | None, seq: int) -> str:
    """Return the condition of a receiver's records after ``seq`` that are checked for duplicates.

    Without a receiver it is that of all records.
    """
    progress = f"(SELECT seq FROM {prefix_of(connection)}progress WHERE name = 'recognised')"  # noqa: S608 - our own words
    after = f"record.seq > {seq} AND record.seq <= {progress}"
    if receiver is None:
        return after
    return f"record.receiver_id = {known_as(connection, receiver)} AND {after}"


def count_after(connection: SqlConnection, receiver: str | None, seq: int) -> int:
    """Return how many recognised records a receiver has after ``seq``."""
    where = recognised_after(connection, receiver, seq)
    return number(connection, f"SELECT count(*) FROM {prefix_of(connection)}record WHERE {where}")  # noqa: S608 - our own conditions


def duplicates_after(connection: SqlConnection, receiver: str | None, seq: int) -> tuple[int, int]:
    """Return the newest recognised ``seq``, and how many duplicates a receiver has after one."""
    prefix, where = prefix_of(connection), recognised_after(connection, receiver, seq)
    found = connection.execute(
        f"SELECT (SELECT seq FROM {prefix}progress WHERE name = 'recognised'), count(*)"  # noqa: S608 - our own conditions
        f" FROM {prefix}duplicate JOIN {prefix}record ON record.seq = duplicate.seq WHERE {where}"
    )
    recognised, count = found.fetchone() or (0, 0)
    return int(recognised), int(count)


def before_newest(connection: SqlConnection, receiver: str | None, count: int) -> int:
    """Return the ``seq`` before a receiver's newest ``count`` records, 0 if it has no more."""
    where = recognised_after(connection, receiver, 0)
    return number(
        connection,
        f"SELECT record.seq FROM {prefix_of(connection)}record WHERE {where}"  # noqa: S608 - our own conditions
        f" ORDER BY record.seq DESC LIMIT 1 OFFSET {count}",
    )
