"""The state of forwarding in SQL: targets, forwards and attempts.

What changes it runs in a transaction that holds the lock :data:`~.locks.ACTING`.
"""

from collections.abc import Collection
from datetime import datetime

from okhook.records.attempt import Attempt, Backlog, Eligible, Forward, Target
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.deriving import progress_of
from okhook.store.postgres.receivers import NOBODY, OLD, known_as, named
from okhook.store.postgres.rows import attempt_of, attempt_row
from okhook.store.rows import ATTEMPT_COLUMNS, BEYOND_ALL, Row, forward_of, microseconds, moment_of

PENDING_COUNTED = 10_000
"""Counting stops here, because it reads each pending delivery."""

_NO_DUPLICATE = "NOT EXISTS (SELECT 1 FROM okhook.duplicate WHERE duplicate.seq = record.seq)"

ITS_OWN = "(target.receiver_id = record.receiver_id OR (record.receiver_id = 0 AND target.has_old))"
"""The condition of a record that is to be sent to a target."""

_TARGETS = (
    "SELECT url, since_seq, cursor, receiver.name, has_old FROM okhook.target"
    " JOIN okhook.receiver ON receiver.id = target.receiver_id"
)
_TARGET_ID = (
    "(SELECT target.id FROM okhook.target"
    " JOIN okhook.receiver ON receiver.id = target.receiver_id"
    " WHERE url = %(url)s AND receiver.name IS NOT DISTINCT FROM %(receiver)s::text)"
)

_FORWARDS = (
    "SELECT seq, url, state, attempts, next_at_us FROM okhook.forward"
    " JOIN okhook.target ON target.id = forward.target_id"
)

_NOTED_ATTEMPT = f"""
    INSERT INTO okhook.attempt ({ATTEMPT_COLUMNS})
    SELECT %s, %s, %s, %s::int, %s::bigint, %s::bigint, %s::int, %s::bytea, %s::bytea, %s::bytea,
    %s::bytea FROM okhook.record WHERE seq = %s FOR KEY SHARE
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own column names

_NOTED_FORWARD = f"""
    INSERT INTO okhook.forward AS kept (seq, target_id, state, attempts, next_at_us)
    SELECT record.seq, target.id, %(state)s, %(attempts)s::int, %(next_at)s::bigint
    FROM okhook.record, okhook.target
    WHERE record.seq = %(seq)s AND target.url = %(target)s AND {ITS_OWN}
    FOR KEY SHARE OF record
    ON CONFLICT (seq, target_id) DO UPDATE SET state = excluded.state,
    attempts = greatest(kept.attempts, excluded.attempts), next_at_us = excluded.next_at_us
    WHERE kept.state != 'done'
"""  # noqa: S608 - our own conditions


def open_target(connection: Connection, url: str, receiver: str | None) -> Target:
    """Return a target of a receiver. A new one starts after the newest record.

    One that no receiver has comes with the records that no receiver has.
    """
    values = {"url": url, "receiver": named(connection, receiver), "old": OLD}
    connection.execute(
        "UPDATE okhook.target SET receiver_id = %(receiver)s, has_old = true"
        " WHERE url = %(url)s AND receiver_id = %(old)s AND %(receiver)s != %(old)s AND NOT EXISTS"
        " (SELECT 1 FROM okhook.target WHERE url = %(url)s AND receiver_id = %(receiver)s)",
        values,
    )
    connection.execute(
        "INSERT INTO okhook.target (url, receiver_id, since_seq, cursor)"
        " SELECT %(url)s, %(receiver)s::int, newest, newest"
        " FROM (SELECT coalesce(max(seq), 0) AS newest FROM okhook.record) AS found"
        " WHERE NOT EXISTS (SELECT 1 FROM okhook.target"
        " WHERE url = %(url)s AND receiver_id = %(receiver)s)",
        values,
    )
    found = connection.execute(
        f"{_TARGETS} WHERE url = %(url)s AND receiver_id = %(receiver)s", values
    )
    return Target(*(found.fetchone() or ()))


def targets(connection: Connection) -> list[Target]:
    """Return every target, in the order of their first use."""
    return [Target(*row) for row in connection.execute(f"{_TARGETS} ORDER BY target.id")]


def skip_backlog(connection: Connection, url: str, receiver: str | None) -> None:
    """Move a target's cursor after the newest record, and give up what waits."""
    values = {"url": url, "receiver": receiver}
    connection.execute(
        "UPDATE okhook.target SET cursor = (SELECT coalesce(max(seq), 0) FROM okhook.record)"  # noqa: S608 - our own conditions
        f" WHERE id = {_TARGET_ID}",
        values,
    )
    connection.execute(
        "UPDATE okhook.forward SET state = 'failed', next_at_us = NULL"  # noqa: S608 - our own conditions
        f" WHERE target_id = {_TARGET_ID} AND state = 'waiting'",
        values,
    )


def eligible(
    connection: Connection,
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
    rows = connection.execute(question, {**values, **_scope(connection, url, receiver)})
    seqs = tuple(int(seq) for (seq,) in rows)
    return Eligible(seqs, seqs[-1] if len(seqs) == limit else max(recognised, after_seq))


def _scope(connection: Connection, url: str, receiver: str | None) -> dict[str, int | None]:
    """Return the target, and the receivers whose records it gets."""
    receiver_id = known_as(connection, receiver)
    row = connection.execute(
        "SELECT id, has_old, cursor FROM okhook.target WHERE url = %s AND receiver_id = %s",
        (url, receiver_id),
    ).fetchone()
    target_id, has_old, cursor = row or (None, False, 0)
    old = OLD if has_old else NOBODY
    return {"target": target_id, "receiver": receiver_id, "old": old, "cursor": cursor}


def _pending(*, duplicates: bool) -> str:
    """Return the query of the deliveries to attempt. It reads only those of the receivers."""
    one = (
        "SELECT seq FROM okhook.record WHERE receiver_id = {} AND seq > %(after)s AND seq <= %(to)s"  # noqa: S608 - our own conditions
        f" AND kind = 'delivery' AND {'true' if duplicates else _NO_DUPLICATE} AND NOT EXISTS"
        " (SELECT 1 FROM okhook.forward"
        " WHERE forward.seq = record.seq AND target_id = %(target)s::int)"
    )
    own, old = one.format("%(receiver)s"), one.format("%(old)s")
    return f"{own} UNION ALL {old} ORDER BY seq LIMIT %(limit)s"


def waiting(connection: Connection, url: str, receiver: str | None, limit: int) -> list[Forward]:
    """Return the waiting forwards of a target, those due first at the front."""
    rows = connection.execute(
        f"{_FORWARDS} WHERE target_id = {_TARGET_ID} AND state = 'waiting'"
        " ORDER BY next_at_us NULLS FIRST, seq LIMIT %(limit)s",
        {"url": url, "receiver": receiver, "limit": limit},
    )
    return [forward_of(row) for row in rows]


def settle(
    connection: Connection, attempt: Attempt, forward: Forward, receiver: str | None, cursor: int
) -> None:
    """Store an attempt, its forward and the cursor of its target."""
    note(connection, attempt, forward)
    advance(connection, forward.target, receiver, cursor)


def note(connection: Connection, attempt: Attempt, forward: Forward | None) -> None:
    """Store an attempt once, and its forward if given. Skip both if the record was pruned."""
    connection.execute(_NOTED_ATTEMPT, (*attempt_row(attempt), attempt.seq))
    if forward is None:
        return
    connection.execute(
        _NOTED_FORWARD,
        {
            "state": forward.state.value,
            "attempts": forward.attempts,
            "next_at": None if forward.next_at is None else microseconds(forward.next_at),
            "seq": forward.seq,
            "target": forward.target,
        },
    )


def advance(connection: Connection, url: str, receiver: str | None, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    connection.execute(
        "UPDATE okhook.target SET cursor = %(cursor)s"  # noqa: S608 - our own conditions
        f" WHERE id = {_TARGET_ID} AND cursor < %(cursor)s",
        {"url": url, "receiver": receiver, "cursor": cursor},
    )


def backlog(connection: Connection, url: str, receiver: str | None, *, duplicates: bool) -> Backlog:
    """Count the deliveries that a target has not accepted."""
    scope = _scope(connection, url, receiver)
    (pending,) = _row_of(
        connection,
        f"SELECT count(*) FROM ({_pending(duplicates=duplicates)}) AS pending",  # noqa: S608 - our own conditions
        {**scope, "after": scope["cursor"], "to": BEYOND_ALL, "limit": PENDING_COUNTED},
    )
    rows = connection.execute(
        "SELECT state, count(*) FROM okhook.forward WHERE target_id = %(target)s::int"
        " AND state IN ('waiting', 'failed') GROUP BY state",
        scope,
    )
    return Backlog(**{"pending": pending, "waiting": 0, "failed": 0, **dict(rows)})


def oldest_unsent(
    connection: Connection, url: str, receiver: str | None, *, duplicates: bool
) -> datetime | None:
    """Return when the oldest delivery arrived that is to be sent to a target, first or again."""
    scope = _scope(connection, url, receiver)
    (received_at_us,) = _row_of(
        connection,
        "SELECT min(received_at_us) FROM okhook.record WHERE seq IN ("  # noqa: S608 - our own conditions
        f"SELECT * FROM ({_pending(duplicates=duplicates)}) AS pending UNION ALL"
        " SELECT min(seq) FROM okhook.forward"
        " WHERE target_id = %(target)s::int AND state = 'waiting')",
        {**scope, "after": scope["cursor"], "to": BEYOND_ALL, "limit": 1},
    )
    return None if received_at_us is None else moment_of(received_at_us)


def backlogs_elsewhere(
    connection: Connection, url: str, receiver: str | None, *, duplicates: bool
) -> dict[str, Backlog]:
    """Return the backlogs of a URL under the names of other receivers."""
    others = [each.receiver for each in targets(connection) if each.url == url]
    return {
        other: backlog(connection, url, other, duplicates=duplicates)
        for other in others
        if other is not None and other != receiver
    }


def forwards_of(connection: Connection, seqs: Collection[int]) -> dict[int, tuple[Forward, ...]]:
    """Return the forwards of records to all targets, by ``seq``."""
    rows = connection.execute(
        f"{_FORWARDS} WHERE seq = ANY(%s::bigint[]) ORDER BY target_id", (list(seqs),)
    )
    found: dict[int, tuple[Forward, ...]] = {}
    for forward in map(forward_of, rows):
        found[forward.seq] = (*found.get(forward.seq, ()), forward)
    return found


def attempts_of(connection: Connection, seq: int) -> list[Attempt]:
    """Return every attempt of a record, oldest first."""
    rows = connection.execute(
        f"SELECT {ATTEMPT_COLUMNS} FROM okhook.attempt WHERE seq = %s ORDER BY id",  # noqa: S608 - our own column names
        (seq,),
        binary=True,
    )
    return [attempt_of(row) for row in rows]


def tried_after(connection: Connection, attempt: int, limit: int) -> tuple[int, list[int]]:
    """Return the newest attempt's number, and the records that were sent to an app since one."""
    (newest,) = _row_of(connection, "SELECT coalesce(max(id), 0) FROM okhook.attempt")
    rows = connection.execute(
        "SELECT DISTINCT seq FROM okhook.attempt WHERE id > %s AND id <= %s LIMIT %s",
        (attempt, newest, limit),
    )
    return int(newest), [int(seq) for (seq,) in rows]


def backlogs(connection: Connection) -> list[tuple[Target, Backlog]]:
    """Return every target with its backlog."""
    return [
        (each, backlog(connection, each.url, each.receiver, duplicates=True))
        for each in targets(connection)
    ]


def _row_of(connection: Connection, sql: str, values: dict[str, int | None] | None = None) -> Row:
    (row,) = connection.execute(sql, values).fetchall()
    return row
