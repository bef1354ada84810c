"""The targets of deliveries, and what each is still to get."""

from datetime import datetime
from typing import NamedTuple

from okhook.records.attempt import Backlog, Eligible, Forward, Target
from okhook.store.found import forwards
from okhook.store.progress import RECOGNISED
from okhook.store.receivers import known_as
from okhook.store.rows import BEYOND_ALL, NOBODY, OLD, moment_of
from okhook.store.sql import SqlConnection, number, run

PENDING_COUNTED = 10_000
"""Counting stops here, because it reads each pending delivery."""

_NO_TARGET = -1


def all_targets(connection: SqlConnection) -> list[Target]:
    """Return every target, in the order of their first use."""
    rows = run(
        connection,
        "SELECT url, since_seq, cursor, receiver.name, has_old FROM okhook.target"
        " JOIN okhook.receiver ON receiver.id = target.receiver_id ORDER BY target.id",
    )
    return [
        Target(url, since_seq, cursor, receiver, bool(has_old))
        for url, since_seq, cursor, receiver, has_old in rows
    ]


class _Known(NamedTuple):
    """A target in the store, and the receivers whose records it gets."""

    id: int
    cursor: int
    receivers: tuple[int, int]


def _known(connection: SqlConnection, receiver: str | None, url: str) -> _Known:
    own = known_as(connection, receiver)
    found = run(
        connection,
        "SELECT id, cursor, has_old FROM okhook.target WHERE url = :url AND receiver_id = :own",
        url=url,
        own=own,
    )
    id_, cursor, has_old = found.fetchone() or (_NO_TARGET, 0, False)
    return _Known(id_, cursor, (own, OLD if has_old else NOBODY))


def eligible(
    connection: SqlConnection,
    receiver: str | None,
    url: str,
    after_seq: int,
    limit: int,
    *,
    duplicates: bool,
) -> Eligible:
    """Return the next deliveries for a target among those checked for duplicates."""
    recognised = number(connection, f"SELECT {RECOGNISED}")
    target = _known(connection, receiver, url)
    pending = _pending(target, after_seq, recognised, duplicates=duplicates)
    seqs = tuple(int(seq) for (seq,) in run(connection, f"{pending} LIMIT {limit}"))
    return Eligible(seqs, seqs[-1] if len(seqs) == limit else max(recognised, after_seq))


def _pending(target: _Known, after: int, to: int, *, duplicates: bool) -> str:
    """Return the query of the deliveries to attempt. It reads only those of the receivers."""
    sent = "SELECT 1 FROM okhook.forward WHERE forward.seq = record.seq"
    condition = f"kind = 'delivery' AND NOT EXISTS ({sent} AND target_id = {target.id})"
    if not duplicates:
        duplicate = "SELECT 1 FROM okhook.duplicate WHERE duplicate.seq = record.seq"
        condition = f"{condition} AND NOT EXISTS ({duplicate})"
    each = (
        f"SELECT seq FROM okhook.record WHERE receiver_id = {receiver_id}"  # noqa: S608 - our own conditions
        f" AND seq > {after} AND seq <= {to} AND {condition}"
        for receiver_id in target.receivers
    )
    return f"{' UNION ALL '.join(each)} ORDER BY seq"


def waiting(connection: SqlConnection, receiver: str | None, url: str, limit: int) -> list[Forward]:
    """Return the waiting forwards of a target, those due first at the front."""
    target_id = _known(connection, receiver, url).id
    due_first = f"ORDER BY next_at_us NULLS FIRST, seq LIMIT {limit}"
    return forwards(connection, f"target_id = {target_id} AND state = 'waiting' {due_first}")


def backlog(
    connection: SqlConnection, receiver: str | None, url: str, *, duplicates: bool
) -> Backlog:
    """Count the deliveries that a target has not accepted."""
    target = _known(connection, receiver, url)
    pending = _pending(target, target.cursor, BEYOND_ALL, duplicates=duplicates)
    # A question for each state, because each has an index of its own.
    forward = f"SELECT count(*) FROM okhook.forward WHERE target_id = {target.id}"  # noqa: S608 - a number
    return Backlog(
        number(connection, f"SELECT count(*) FROM ({pending} LIMIT {PENDING_COUNTED}) AS pending"),  # noqa: S608 - our own conditions
        number(connection, f"{forward} AND state = 'waiting'"),
        number(connection, f"{forward} AND state = 'failed'"),
    )


def oldest_unsent(
    connection: SqlConnection, receiver: str | None, url: str, *, duplicates: bool
) -> datetime | None:
    """Return when the oldest delivery arrived that is to be sent to a target, first or again."""
    target = _known(connection, receiver, url)
    pending = _pending(target, target.cursor, BEYOND_ALL, duplicates=duplicates)
    received_at_us = number(
        connection,
        f"SELECT min(received_at_us) FROM okhook.record WHERE seq IN ("  # noqa: S608 - our own conditions
        f"SELECT * FROM ({pending} LIMIT 1) AS pending UNION ALL SELECT min(seq)"
        f" FROM okhook.forward WHERE target_id = {target.id} AND state = 'waiting')",
    )
    return moment_of(received_at_us) if received_at_us else None


def backlogs_elsewhere(
    connection: SqlConnection, receiver: str | None, url: str, *, duplicates: bool
) -> dict[str, Backlog]:
    """Return the backlogs of a URL under the names of other receivers."""
    others = [each.receiver for each in all_targets(connection) if each.url == url]
    return {
        other: backlog(connection, other, url, duplicates=duplicates)
        for other in others
        if other is not None and other != receiver
    }


def all_backlogs(connection: SqlConnection) -> list[tuple[Target, Backlog]]:
    """Return every target with its backlog."""
    return [
        (each, backlog(connection, each.receiver, each.url, duplicates=True))
        for each in all_targets(connection)
    ]


def skip_backlog(connection: SqlConnection, receiver: str | None, url: str) -> None:
    """Move a target's cursor after the newest record, and give up what waits."""
    target_id = _known(connection, receiver, url).id
    newest = "SELECT coalesce(max(seq), 0) FROM okhook.record"
    run(connection, f"UPDATE okhook.target SET cursor = ({newest}) WHERE id = {target_id}")  # noqa: S608 - a number
    run(
        connection,
        "UPDATE okhook.forward SET state = 'failed', next_at_us = NULL"  # noqa: S608 - a number
        f" WHERE target_id = {target_id} AND state = 'waiting'",
    )
