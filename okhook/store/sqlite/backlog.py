"""What a target is still to get, in SQL."""

import sqlite3
from datetime import datetime

from okhook.records.attempt import Backlog, Eligible, Target
from okhook.store.rows import BEYOND_ALL, NOBODY, OLD, moment_of
from okhook.store.sqlite.deriving import progress_of
from okhook.store.sqlite.receivers import known_as
from okhook.store.sqlite.targets import all_targets

PENDING_COUNTED = 10_000
"""Counting stops here, because it reads each pending delivery."""

_NO_DUPLICATE = "NOT EXISTS (SELECT 1 FROM duplicate WHERE duplicate.seq = record.seq)"


def eligible(
    connection: sqlite3.Connection,
    receiver: str | None,
    url: str,
    after_seq: int,
    limit: int,
    *,
    duplicates: bool,
) -> Eligible:
    """Return the next deliveries for a target among those checked for duplicates."""
    recognised = progress_of(connection).recognised
    values = {"after": after_seq, "to": recognised, "limit": limit}
    question = _pending(duplicates=duplicates)
    rows = connection.execute(question, {**values, **_scope(connection, receiver, url)}).fetchall()
    seqs = tuple(int(seq) for (seq,) in rows)
    return Eligible(seqs, seqs[-1] if len(seqs) == limit else max(recognised, after_seq))


def _scope(connection: sqlite3.Connection, receiver: str | None, url: str) -> dict[str, int | None]:
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


def backlog(
    connection: sqlite3.Connection, receiver: str | None, url: str, *, duplicates: bool
) -> Backlog:
    """Count the deliveries that a target has not accepted."""
    scope = _scope(connection, receiver, url)
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
    connection: sqlite3.Connection, receiver: str | None, url: str, *, duplicates: bool
) -> datetime | None:
    """Return when the oldest delivery arrived that is to be sent to a target, first or again."""
    scope = _scope(connection, receiver, url)
    (received_at_us,) = connection.execute(
        "SELECT min(received_at_us) FROM record WHERE seq IN ("  # noqa: S608 - our own conditions
        f"SELECT * FROM ({_pending(duplicates=duplicates)})"
        " UNION ALL SELECT min(seq) FROM forward WHERE target_id = :target AND state = 'waiting')",
        {**scope, "after": scope["cursor"], "to": BEYOND_ALL, "limit": 1},
    ).fetchone()
    return None if received_at_us is None else moment_of(received_at_us)


def backlogs_elsewhere(
    connection: sqlite3.Connection, receiver: str | None, url: str, *, duplicates: bool
) -> dict[str, Backlog]:
    """Return the backlogs of a URL under the names of other receivers."""
    others = [each.receiver for each in all_targets(connection) if each.url == url]
    return {
        other: backlog(connection, other, url, duplicates=duplicates)
        for other in others
        if other is not None and other != receiver
    }


def all_backlogs(connection: sqlite3.Connection) -> list[tuple[Target, Backlog]]:
    """Return every target with its backlog."""
    return [
        (each, backlog(connection, each.receiver, each.url, duplicates=True))
        for each in all_targets(connection)
    ]
