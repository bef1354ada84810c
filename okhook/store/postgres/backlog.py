"""What a target is still to get, in SQL."""

from datetime import datetime

from okhook.records.attempt import Backlog, Eligible, Target
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.deriving import progress_of
from okhook.store.postgres.receivers import known_as
from okhook.store.postgres.rows import the_row
from okhook.store.postgres.targets import all_targets
from okhook.store.rows import BEYOND_ALL, NOBODY, OLD, moment_of

PENDING_COUNTED = 10_000
"""Counting stops here, because it reads each pending delivery."""

_NO_DUPLICATE = "NOT EXISTS (SELECT 1 FROM okhook.duplicate WHERE duplicate.seq = record.seq)"


def eligible(
    connection: Connection,
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
    rows = connection.execute(question, {**values, **_scope(connection, receiver, url)})
    seqs = tuple(int(seq) for (seq,) in rows)
    return Eligible(seqs, seqs[-1] if len(seqs) == limit else max(recognised, after_seq))


def _scope(connection: Connection, receiver: str | None, url: str) -> dict[str, int | None]:
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


def backlog(connection: Connection, receiver: str | None, url: str, *, duplicates: bool) -> Backlog:
    """Count the deliveries that a target has not accepted."""
    scope = _scope(connection, receiver, url)
    (pending,) = the_row(
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
    connection: Connection, receiver: str | None, url: str, *, duplicates: bool
) -> datetime | None:
    """Return when the oldest delivery arrived that is to be sent to a target, first or again."""
    scope = _scope(connection, receiver, url)
    (received_at_us,) = the_row(
        connection,
        "SELECT min(received_at_us) FROM okhook.record WHERE seq IN ("  # noqa: S608 - our own conditions
        f"SELECT * FROM ({_pending(duplicates=duplicates)}) AS pending UNION ALL"
        " SELECT min(seq) FROM okhook.forward"
        " WHERE target_id = %(target)s::int AND state = 'waiting')",
        {**scope, "after": scope["cursor"], "to": BEYOND_ALL, "limit": 1},
    )
    return None if received_at_us is None else moment_of(received_at_us)


def backlogs_elsewhere(
    connection: Connection, receiver: str | None, url: str, *, duplicates: bool
) -> dict[str, Backlog]:
    """Return the backlogs of a URL under the names of other receivers."""
    others = [each.receiver for each in all_targets(connection) if each.url == url]
    return {
        other: backlog(connection, other, url, duplicates=duplicates)
        for other in others
        if other is not None and other != receiver
    }


def all_backlogs(connection: Connection) -> list[tuple[Target, Backlog]]:
    """Return every target with its backlog."""
    return [
        (each, backlog(connection, each.receiver, each.url, duplicates=True))
        for each in all_targets(connection)
    ]
