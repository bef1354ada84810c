"""The state of forwarding in SQL: targets, forwards and attempts."""

import sqlite3

from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.store.sqlite.deriving import progress_of
from okhook.store.sqlite.rows import (
    ATTEMPT_COLUMNS,
    attempt_of,
    attempt_row,
    forward_of,
    microseconds,
)

PENDING_COUNTED = 10_000
"""Counting stops here, because it reads each pending delivery."""

_NO_DUPLICATE = "NOT EXISTS (SELECT 1 FROM duplicate WHERE duplicate.seq = record.seq)"
_NOT_SENT = (
    "NOT EXISTS (SELECT 1 FROM forward JOIN target ON target.id = forward.target_id"
    " WHERE forward.seq = record.seq AND target.url = :url)"
)

_FORWARDS = (
    "SELECT seq, url, state, attempts, next_at_us FROM forward"
    " JOIN target ON target.id = forward.target_id"
)


def open_target(connection: sqlite3.Connection, url: str) -> Target:
    """Return a target. A new one starts after the newest record."""
    connection.execute(
        "INSERT INTO target (url, since_seq, cursor)"
        " SELECT :url, newest, newest FROM (SELECT ifnull(max(seq), 0) AS newest FROM record)"
        " WHERE NOT EXISTS (SELECT 1 FROM target WHERE url = :url)",
        {"url": url},
    )
    row = connection.execute("SELECT url, since_seq, cursor FROM target WHERE url = ?", (url,))
    return Target(*row.fetchone())


def targets(connection: sqlite3.Connection) -> list[Target]:
    """Return every target, in the order of their first use."""
    rows = connection.execute("SELECT url, since_seq, cursor FROM target ORDER BY id")
    return [Target(*row) for row in rows]


def eligible(
    connection: sqlite3.Connection, url: str, after_seq: int, limit: int, *, duplicates: bool
) -> Eligible:
    """Return the next deliveries for a target among those checked for duplicates."""
    recognised = progress_of(connection).recognised
    rows = connection.execute(
        f"SELECT seq FROM record WHERE seq > :after AND seq <= :to AND kind = 'delivery'"  # noqa: S608 - our own conditions
        f" AND {'1' if duplicates else _NO_DUPLICATE} AND {_NOT_SENT} ORDER BY seq LIMIT :limit",
        {"after": after_seq, "to": recognised, "url": url, "limit": limit},
    ).fetchall()
    seqs = tuple(int(seq) for (seq,) in rows)
    return Eligible(seqs, seqs[-1] if len(seqs) == limit else max(recognised, after_seq))


def waiting(connection: sqlite3.Connection, url: str, limit: int) -> list[Forward]:
    """Return the waiting forwards of a target, those due first at the front."""
    rows = connection.execute(
        f"{_FORWARDS} WHERE target_id = (SELECT id FROM target WHERE url = ?) AND state = 'waiting'"  # noqa: S608 - our own column names
        " ORDER BY next_at_us, seq LIMIT ?",
        (url, limit),
    )
    return [forward_of(row) for row in rows]


def settle(connection: sqlite3.Connection, attempt: Attempt, forward: Forward, cursor: int) -> None:
    """Store an attempt, its forward and the cursor of its target."""
    note(connection, attempt, forward)
    advance(connection, forward.target, cursor)


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
        "INSERT INTO forward (seq, target_id, state, attempts, next_at_us)"
        " SELECT record.seq, target.id, ?, ?, ? FROM record, target"
        " WHERE record.seq = ? AND target.url = ?"
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


def advance(connection: sqlite3.Connection, url: str, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    connection.execute(
        "UPDATE target SET cursor = :cursor WHERE url = :url AND cursor < :cursor",
        {"url": url, "cursor": cursor},
    )


def backlog(connection: sqlite3.Connection, url: str, *, duplicates: bool) -> Backlog:
    """Count the deliveries that a target has not accepted."""
    (pending,) = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM record"  # noqa: S608 - our own conditions
        " WHERE seq > (SELECT cursor FROM target WHERE url = :url)"
        f" AND kind = 'delivery' AND {'1' if duplicates else _NO_DUPLICATE} AND {_NOT_SENT}"
        " LIMIT :most)",
        {"url": url, "most": PENDING_COUNTED},
    ).fetchone()
    rows = connection.execute(
        "SELECT state, count(*) FROM forward"
        " WHERE target_id = (SELECT id FROM target WHERE url = ?)"
        " AND state IN ('waiting', 'failed') GROUP BY state",
        (url,),
    )
    return Backlog(**{"pending": pending, "waiting": 0, "failed": 0, **dict(rows)})


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
