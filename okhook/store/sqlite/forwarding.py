"""The state of forwarding in SQL: receivers, targets, attempts, and how far each forward is."""

import sqlite3

from okhook.records.attempt import Attempt, Forward, Target
from okhook.store.conditions import ITS_OWN
from okhook.store.receivers import known_as
from okhook.store.rows import ATTEMPT_COLUMNS, NOBODY, OLD, attempt_of, attempt_row, microseconds
from okhook.store.targets import all_targets


def named(connection: sqlite3.Connection, name: str | None) -> int:
    """Return the id of a receiver; a new one gets an id."""
    if (known := known_as(connection, name)) != NOBODY:
        return known
    connection.execute("INSERT OR IGNORE INTO receiver (name) VALUES (?)", (name,))
    return known_as(connection, name)


def open_target(connection: sqlite3.Connection, receiver: str | None, url: str) -> Target:
    """Return a target of a receiver. A new one starts after the newest record.

    One that no receiver has is that of an older okhook: it comes with the old records.
    """
    values = {"url": url, "receiver": named(connection, receiver), "old": OLD}
    connection.execute(
        "UPDATE target SET receiver_id = :receiver, has_old = 1"
        " WHERE url = :url AND receiver_id = :old AND :receiver != :old AND NOT EXISTS"
        " (SELECT 1 FROM target WHERE url = :url AND receiver_id = :receiver)",
        values,
    )
    connection.execute(
        "INSERT INTO target (url, receiver_id, since_seq, cursor)"
        " SELECT :url, :receiver, newest, newest"
        " FROM (SELECT ifnull(max(seq), 0) AS newest FROM record)"
        " WHERE NOT EXISTS (SELECT 1 FROM target WHERE url = :url AND receiver_id = :receiver)",
        values,
    )
    every = all_targets(connection)
    return next(each for each in every if (each.url, each.receiver) == (url, receiver))


def advance(connection: sqlite3.Connection, receiver: str | None, url: str, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    connection.execute(
        "UPDATE target SET cursor = :cursor WHERE url = :url AND cursor < :cursor"
        " AND receiver_id = (SELECT id FROM receiver WHERE name IS :receiver)",
        {"url": url, "receiver": receiver, "cursor": cursor},
    )


def settle(
    connection: sqlite3.Connection,
    receiver: str | None,
    attempt: Attempt,
    forward: Forward,
    cursor: int,
) -> None:
    """Store an attempt, its forward and the cursor of its target."""
    note(connection, attempt, forward)
    advance(connection, receiver, forward.target, cursor)


def note(connection: sqlite3.Connection, attempt: Attempt, forward: Forward | None) -> None:
    """Store an attempt once, and its forward if given. Skip both if the record was pruned."""
    marks = ", ".join("?" * (ATTEMPT_COLUMNS.count(",") + 1))
    row = attempt_row(attempt)
    connection.execute(
        f"INSERT INTO attempt ({ATTEMPT_COLUMNS}) SELECT {marks}"  # noqa: S608 - our own column names
        " WHERE EXISTS (SELECT 1 FROM record WHERE seq = ?) AND NOT EXISTS ("
        " SELECT 1 FROM attempt WHERE seq = ? AND target = ? AND began_at_us = ?)",
        (*row, attempt.seq, attempt.seq, attempt.target, microseconds(attempt.began_at)),
    )
    if forward is None:
        return
    connection.execute(
        "INSERT INTO forward (seq, target_id, state, attempts, next_at_us)"  # noqa: S608 - our own conditions
        " SELECT record.seq, target.id, ?, ?, ? FROM record, target"
        f" WHERE record.seq = ? AND target.url = ? AND {ITS_OWN}"
        " ON CONFLICT (seq, target_id) DO UPDATE SET state = excluded.state,"
        " attempts = max(attempts, excluded.attempts), next_at_us = excluded.next_at_us"
        " WHERE state != 'done'",
        (
            forward.state.value,
            forward.attempts,
            None if forward.next_at is None else microseconds(forward.next_at),
            forward.seq,
            forward.target,
        ),
    )


def attempts_of(connection: sqlite3.Connection, seq: int) -> list[Attempt]:
    """Return every attempt of a record, oldest first."""
    rows = connection.execute(
        f"SELECT {ATTEMPT_COLUMNS} FROM attempt WHERE seq = ? ORDER BY id",  # noqa: S608 - our own column names
        (seq,),
    )
    return [attempt_of(row) for row in rows]
