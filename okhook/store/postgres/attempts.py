"""The attempts to forward deliveries in SQL, and how far each forward is.

What changes them runs in a transaction that holds the lock :data:`~.locks.FORWARDING`.
"""

from collections.abc import Collection

from okhook.records.attempt import Attempt, Forward
from okhook.store.conditions import ITS_OWN
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.rows import attempt_of, attempt_row, the_row
from okhook.store.postgres.targets import TARGET_ID, advance
from okhook.store.rows import ATTEMPT_COLUMNS, forward_of, microseconds

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


def settle(
    connection: Connection, receiver: str | None, attempt: Attempt, forward: Forward, cursor: int
) -> None:
    """Store an attempt, its forward and the cursor of its target."""
    note(connection, attempt, forward)
    advance(connection, receiver, forward.target, cursor)


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


def waiting(connection: Connection, receiver: str | None, url: str, limit: int) -> list[Forward]:
    """Return the waiting forwards of a target, those due first at the front."""
    rows = connection.execute(
        f"{_FORWARDS} WHERE target_id = {TARGET_ID} AND state = 'waiting'"
        " ORDER BY next_at_us NULLS FIRST, seq LIMIT %(limit)s",
        {"url": url, "receiver": receiver, "limit": limit},
    )
    return [forward_of(row) for row in rows]


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
    (newest,) = the_row(connection, "SELECT coalesce(max(id), 0) FROM okhook.attempt")
    rows = connection.execute(
        "SELECT DISTINCT seq FROM okhook.attempt WHERE id > %s AND id <= %s LIMIT %s",
        (attempt, newest, limit),
    )
    return int(newest), [int(seq) for (seq,) in rows]
