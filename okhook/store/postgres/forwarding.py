"""The state of forwarding in SQL: receivers, targets, attempts, and how far each forward is.

What changes it runs in a transaction that holds the lock :data:`~.connection.FORWARDING`.
"""

from okhook.records.attempt import Attempt, Forward, Target
from okhook.store.conditions import ITS_OWN
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.rows import attempt_of, attempt_row
from okhook.store.receivers import known_as
from okhook.store.rows import ATTEMPT_COLUMNS, NOBODY, OLD, microseconds
from okhook.store.targets import all_targets

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


def named(connection: Connection, name: str | None) -> int:
    """Return the id of a receiver; a new one gets an id."""
    if (known := known_as(connection, name)) != NOBODY:
        return known
    connection.execute(
        "INSERT INTO okhook.receiver (name) VALUES (%s) ON CONFLICT DO NOTHING", (name,)
    )
    return known_as(connection, name)


def open_target(connection: Connection, receiver: str | None, url: str) -> Target:
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
    every = all_targets(connection)
    return next(each for each in every if (each.url, each.receiver) == (url, receiver))


def advance(connection: Connection, receiver: str | None, url: str, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    connection.execute(
        "UPDATE okhook.target SET cursor = %(cursor)s WHERE url = %(url)s AND cursor < %(cursor)s"
        " AND receiver_id ="
        " (SELECT id FROM okhook.receiver WHERE name IS NOT DISTINCT FROM %(receiver)s::text)",
        {"url": url, "receiver": receiver, "cursor": cursor},
    )


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


def attempts_of(connection: Connection, seq: int) -> list[Attempt]:
    """Return every attempt of a record, oldest first."""
    rows = connection.execute(
        f"SELECT {ATTEMPT_COLUMNS} FROM okhook.attempt WHERE seq = %s ORDER BY id",  # noqa: S608 - our own column names
        (seq,),
        binary=True,
    )
    return [attempt_of(row) for row in rows]
