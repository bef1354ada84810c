"""Change the state of forwarding: targets, attempts, and how far each forward is.

In PostgreSQL each of these runs in a transaction that holds the lock ``FORWARDING``.
"""

from typing import Any

from okhook.records.attempt import Attempt, Forward, Target
from okhook.store.conditions import ITS_OWN
from okhook.store.receivers import known_as, named
from okhook.store.rows import ATTEMPT_COLUMNS, OLD, microseconds
from okhook.store.sql import SqlConnection, run, stored_text
from okhook.store.targets import all_targets

_ADOPTED_TARGET = """
    UPDATE okhook.target SET receiver_id = :receiver, has_old = true
    WHERE url = :url AND receiver_id = :old AND :receiver != :old AND NOT EXISTS
    (SELECT 1 FROM okhook.target WHERE url = :url AND receiver_id = :receiver)
"""

_NEW_TARGET = """
    INSERT INTO okhook.target (url, receiver_id, since_seq, cursor)
    SELECT :url, :receiver, newest, newest
    FROM (SELECT coalesce(max(seq), 0) AS newest FROM okhook.record) AS found
    WHERE NOT EXISTS (SELECT 1 FROM okhook.target WHERE url = :url AND receiver_id = :receiver)
"""

_NOTED_ATTEMPT = f"""
    INSERT INTO okhook.attempt ({ATTEMPT_COLUMNS})
    SELECT {", ".join(f":{name}" for name in ATTEMPT_COLUMNS.split(", "))}
    WHERE EXISTS (SELECT 1 FROM okhook.record WHERE seq = :seq) AND NOT EXISTS (
        SELECT 1 FROM okhook.attempt
        WHERE seq = :seq AND target = :target AND began_at_us = :began_at_us
    )
"""  # noqa: S608 - our own column names

_NOTED_FORWARD = f"""
    INSERT INTO okhook.forward (seq, target_id, state, attempts, next_at_us)
    SELECT record.seq, target.id, :state, :attempts, :next_at_us FROM okhook.record, okhook.target
    WHERE record.seq = :seq AND target.url = :url AND {ITS_OWN}
    ON CONFLICT (seq, target_id) DO UPDATE SET state = excluded.state,
    attempts = CASE WHEN forward.attempts > excluded.attempts
        THEN forward.attempts ELSE excluded.attempts END,
    next_at_us = excluded.next_at_us
    WHERE forward.state != 'done'
"""  # noqa: S608 - our own conditions


def open_target(connection: SqlConnection, receiver: str | None, url: str) -> Target:
    """Return a target of a receiver. A new one starts after the newest record.

    One that no receiver has is that of an older okhook: it comes with the old records.
    """
    receiver_id = named(connection, receiver)
    run(connection, _ADOPTED_TARGET, url=url, receiver=receiver_id, old=OLD)
    run(connection, _NEW_TARGET, url=url, receiver=receiver_id)
    every = all_targets(connection)
    return next(each for each in every if (each.url, each.receiver) == (url, receiver))


def advance(connection: SqlConnection, receiver: str | None, url: str, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    run(
        connection,
        "UPDATE okhook.target SET cursor = :cursor"
        " WHERE url = :url AND cursor < :cursor AND receiver_id = :receiver",
        url=url,
        receiver=known_as(connection, receiver),
        cursor=cursor,
    )


def settle(
    connection: SqlConnection,
    receiver: str | None,
    attempt: Attempt,
    forward: Forward,
    cursor: int,
) -> None:
    """Store an attempt, its forward and the cursor of its target."""
    note(connection, attempt, forward)
    advance(connection, receiver, forward.target, cursor)


def note(connection: SqlConnection, attempt: Attempt, forward: Forward | None) -> None:
    """Store an attempt once, and its forward if given. Skip both if the record was pruned."""
    run(connection, _NOTED_ATTEMPT, **_values_of(connection, attempt))
    if forward is not None:
        run(
            connection,
            _NOTED_FORWARD,
            seq=forward.seq,
            url=forward.target,
            state=forward.state.value,
            attempts=forward.attempts,
            next_at_us=None if forward.next_at is None else microseconds(forward.next_at),
        )


def _values_of(connection: SqlConnection, attempt: Attempt) -> dict[str, Any]:
    return {
        "seq": attempt.seq,
        "target": attempt.target,
        "purpose": attempt.purpose.value,
        "number": attempt.number,
        "began_at_us": microseconds(attempt.began_at),
        "duration_us": round(attempt.duration_s * 1_000_000),
        "status": attempt.status,
        "fault": stored_text(connection, attempt.fault),
        "reason": stored_text(connection, attempt.reason),
        "answer": attempt.answer,
        "answer_type": stored_text(connection, attempt.answer_type),
    }
