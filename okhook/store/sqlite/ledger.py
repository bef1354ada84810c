"""The state of forwarding in SQL: targets, forwards and attempts."""

import sqlite3
from datetime import datetime

from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.store.rows import (
    ATTEMPT_COLUMNS,
    BEYOND_ALL,
    Row,
    attempt_of,
    attempt_row,
    forward_of,
    microseconds,
    moment_of,
)
from okhook.store.sqlite.deriving import progress_of
from okhook.store.sqlite.receivers import NOBODY, OLD, known_as, named

PENDING_COUNTED = 10_000
"""Counting stops here, because it reads each pending delivery."""

_NO_DUPLICATE = "NOT EXISTS (SELECT 1 FROM duplicate WHERE duplicate.seq = record.seq)"

ITS_OWN = "(target.receiver_id = record.receiver_id OR (record.receiver_id = 0 AND target.has_old))"
"""The condition of a record that is to be sent to a target."""

_TARGETS = (
    "SELECT url, since_seq, cursor, receiver.name, has_old FROM target"
    " JOIN receiver ON receiver.id = target.receiver_id"
)
_TARGET_ID = (
    "(SELECT target.id FROM target JOIN receiver ON receiver.id = target.receiver_id"
    " WHERE url = :url AND receiver.name IS :receiver)"
)

_FORWARDS = (
    "SELECT seq, url, state, attempts, next_at_us FROM forward"
    " JOIN target ON target.id = forward.target_id"
)


def open_target(connection: sqlite3.Connection, url: str, receiver: str | None) -> Target:
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
    row = connection.execute(f"{_TARGETS} WHERE url = :url AND receiver_id = :receiver", values)
    return _target_of(row.fetchone())


def targets(connection: sqlite3.Connection) -> list[Target]:
    """Return every target, in the order of their first use."""
    return [_target_of(row) for row in connection.execute(f"{_TARGETS} ORDER BY target.id")]


def _target_of(row: Row) -> Target:
    url, since_seq, cursor, receiver, has_old = row
    return Target(url, since_seq, cursor, receiver, bool(has_old))


def skip_backlog(connection: sqlite3.Connection, url: str, receiver: str | None) -> None:
    """Move a target's cursor after the newest record, and give up what waits."""
    values = {"url": url, "receiver": receiver}
    connection.execute(
        "UPDATE target SET cursor = (SELECT ifnull(max(seq), 0) FROM record)"  # noqa: S608 - our own conditions
        f" WHERE id = {_TARGET_ID}",
        values,
    )
    connection.execute(
        "UPDATE forward SET state = 'failed', next_at_us = NULL"  # noqa: S608 - our own conditions
        f" WHERE target_id = {_TARGET_ID} AND state = 'waiting'",
        values,
    )


def eligible(
    connection: sqlite3.Connection,
    url: str,
    receiver: str | None,
    after_seq: int,
    limit: int,
    *,
    duplicates: bool,
) -> Eligible:
    """Return the next deliveries for a target among those checked for duplicates."""
    recognised = progress_of(connection).recognised
    values = {"after": after_seq, "to": recognised, "limit": limit}
    question = _pending(duplicates=duplicates)
    rows = connection.execute(question, {**values, **_scope(connection, url, receiver)}).fetchall()
    seqs = tuple(int(seq) for (seq,) in rows)
    return Eligible(seqs, seqs[-1] if len(seqs) == limit else max(recognised, after_seq))


def _scope(connection: sqlite3.Connection, url: str, receiver: str | None) -> dict[str, int | None]:
    """Return the target, and the receivers whose records it gets."""
    receiver_id = known_as(connection, receiver)
    row = connection.execute(
        "SELECT id, has_old, cursor FROM target WHERE url = ? AND receiver_id = ?",
        (url, receiver_id),
    ).fetchone()
    target_id, has_old, cursor = row or (None, False, 0)
    old = OLD if has_old else NOBODY
    return {"target": target_id, "receiver": receiver_id, "old": old, "cursor": cursor}


def _pending(*, duplicates: bool) -> str:
    """Return the query of the deliveries to attempt. It reads only those of the receivers."""
    one = (
        "SELECT seq FROM record WHERE receiver_id = {} AND seq > :after AND seq <= :to"  # noqa: S608 - our own conditions
        f" AND kind = 'delivery' AND {'1' if duplicates else _NO_DUPLICATE} AND NOT EXISTS"
        " (SELECT 1 FROM forward WHERE forward.seq = record.seq AND target_id = :target)"
    )
    own, old = one.format(":receiver"), one.format(":old")
    return f"{own} UNION ALL {old} ORDER BY seq LIMIT :limit"


def waiting(
    connection: sqlite3.Connection, url: str, receiver: str | None, limit: int
) -> list[Forward]:
    """Return the waiting forwards of a target, those due first at the front."""
    rows = connection.execute(
        f"{_FORWARDS} WHERE target_id = {_TARGET_ID} AND state = 'waiting'"
        " ORDER BY next_at_us, seq LIMIT :limit",
        {"url": url, "receiver": receiver, "limit": limit},
    )
    return [forward_of(row) for row in rows]


def settle(
    connection: sqlite3.Connection,
    attempt: Attempt,
    forward: Forward,
    receiver: str | None,
    cursor: int,
) -> None:
    """Store an attempt, its forward and the cursor of its target."""
    note(connection, attempt, forward)
    advance(connection, forward.target, receiver, cursor)


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


def advance(connection: sqlite3.Connection, url: str, receiver: str | None, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    connection.execute(
        f"UPDATE target SET cursor = :cursor WHERE id = {_TARGET_ID} AND cursor < :cursor",  # noqa: S608 - our own conditions
        {"url": url, "receiver": receiver, "cursor": cursor},
    )


def backlog(
    connection: sqlite3.Connection, url: str, receiver: str | None, *, duplicates: bool
) -> Backlog:
    """Count the deliveries that a target has not accepted."""
    scope = _scope(connection, url, receiver)
    (pending,) = connection.execute(
        f"SELECT count(*) FROM ({_pending(duplicates=duplicates)})",  # noqa: S608 - our own conditions
        {**scope, "after": scope["cursor"], "to": BEYOND_ALL, "limit": PENDING_COUNTED},
    ).fetchone()
    # A question for each state, because each has an index of its own.
    counted = (
        f"SELECT count(*) FROM forward WHERE target_id = :target AND state = '{state}'"  # noqa: S608 - our own words
        for state in ("waiting", "failed")
    )
    waiting, failed = (int(connection.execute(sql, scope).fetchone()[0]) for sql in counted)
    return Backlog(pending, waiting, failed)


def oldest_unsent(
    connection: sqlite3.Connection, url: str, receiver: str | None, *, duplicates: bool
) -> datetime | None:
    """Return when the oldest delivery arrived that is to be sent to a target, first or again."""
    scope = _scope(connection, url, receiver)
    (received_at_us,) = connection.execute(
        "SELECT min(received_at_us) FROM record WHERE seq IN ("  # noqa: S608 - our own conditions
        f"SELECT * FROM ({_pending(duplicates=duplicates)})"
        " UNION ALL SELECT min(seq) FROM forward WHERE target_id = :target AND state = 'waiting')",
        {**scope, "after": scope["cursor"], "to": BEYOND_ALL, "limit": 1},
    ).fetchone()
    return None if received_at_us is None else moment_of(received_at_us)


def backlogs_elsewhere(
    connection: sqlite3.Connection, url: str, receiver: str | None, *, duplicates: bool
) -> dict[str, Backlog]:
    """Return the backlogs of a URL under the names of other receivers."""
    others = [each.receiver for each in targets(connection) if each.url == url]
    return {
        other: backlog(connection, url, other, duplicates=duplicates)
        for other in others
        if other is not None and other != receiver
    }


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


def backlogs(connection: sqlite3.Connection) -> list[tuple[Target, Backlog]]:
    """Return every target with its backlog."""
    return [
        (each, backlog(connection, each.url, each.receiver, duplicates=True))
        for each in targets(connection)
    ]
