"""The attempts to forward deliveries in SQL, and how far each forward is."""

import sqlite3

from okhook.records.attempt import Attempt, Forward
from okhook.store.conditions import ITS_OWN
from okhook.store.rows import ATTEMPT_COLUMNS, attempt_of, attempt_row, forward_of, microseconds
from okhook.store.sqlite.targets import TARGET_ID, advance

_FORWARDS = (
    "SELECT seq, url, state, attempts, next_at_us FROM forward"
    " JOIN target ON target.id = forward.target_id"
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


def waiting(
    connection: sqlite3.Connection, receiver: str | None, url: str, limit: int
) -> list[Forward]:
    """Return the waiting forwards of a target, those due first at the front."""
    rows = connection.execute(
        f"{_FORWARDS} WHERE target_id = {TARGET_ID} AND state = 'waiting'"
        " ORDER BY next_at_us, seq LIMIT :limit",
        {"url": url, "receiver": receiver, "limit": limit},
    )
    return [forward_of(row) for row in rows]


def forwards_of(connection: sqlite3.Connection, seq: int) -> tuple[Forward, ...]:
    """Return the forwards of a record to all targets."""
    rows = connection.execute(f"{_FORWARDS} WHERE seq = ? ORDER BY target_id", (seq,))
    return tuple(forward_of(row) for row in rows)


def attempts_of(connection: sqlite3.Connection, seq: int) -> list[Attempt]:
    """Return every attempt of a record, oldest first."""
    rows = connection.execute(
        f"SELECT {ATTEMPT_COLUMNS} FROM attempt WHERE seq = ? ORDER BY id",  # noqa: S608 - our own column names
        (seq,),
    )
    return [attempt_of(row) for row in rows]


def tried_after(connection: sqlite3.Connection, attempt: int, limit: int) -> tuple[int, list[int]]:
    """Return the newest attempt's number, and the records that were sent to an app since one."""
    (newest,) = connection.execute("SELECT ifnull(max(id), 0) FROM attempt").fetchone()
    rows = connection.execute(
        "SELECT DISTINCT seq FROM attempt WHERE id > ? AND id <= ? LIMIT ?",
        (attempt, newest, limit),
    )
    return int(newest), [int(seq) for (seq,) in rows]
