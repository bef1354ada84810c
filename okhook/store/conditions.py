"""Conditions in SQL that both kinds of store understand."""

from okhook.records.record import RecordFilter, RecordStatus
from okhook.store.rows import microseconds
from okhook.store.sql import SqlConnection, listed, run

ITS_OWN = "(target.receiver_id = record.receiver_id OR (record.receiver_id = 0 AND target.has_old))"
"""The condition of a record that is to be sent to a target."""

_SHOWN_KINDS = "kind IN ('delivery', 'malformed', 'refused')"
_IS_READABLE = "kind NOT IN ('refused', 'malformed')"


def conditions_of(connection: SqlConnection, wanted: RecordFilter) -> list[str]:
    """Return the conditions of a filter, but for words, event types and receivers."""
    conditions: list[str] = [] if wanted.everything else [_SHOWN_KINDS]
    if wanted.statuses:
        each = (f"({_status(status)})" for status in sorted(wanted.statuses))
        conditions.append(f"({' OR '.join(each)})")
    if wanted.target is not None:
        known = run(connection, "SELECT id FROM okhook.target WHERE url = :url", url=wanted.target)
        conditions.append(_has_forward(f"forward.target_id IN {listed(id_ for (id_,) in known)}"))
    for compared, moment in (">=", wanted.since), ("<=", wanted.until):
        if moment is not None:
            conditions.append(f"received_at_us {compared} {microseconds(moment)}")
    return conditions


def _status(status: RecordStatus) -> str:
    """Return the rule of :attr:`okhook.records.record.Found.status` in SQL.

    ``duplicate`` finds all duplicates, whatever became of them: they are forwarded as well.
    """
    sent, failed, waiting = (
        _has_forward(state)
        for state in ("true", "forward.state = 'failed'", "forward.state = 'waiting'")
    )
    duplicate = "EXISTS (SELECT 1 FROM okhook.duplicate WHERE duplicate.seq = record.seq)"
    match status:
        case RecordStatus.REFUSED | RecordStatus.MALFORMED:
            return f"kind = '{status}'"
        case RecordStatus.FAILED:
            return f"{_IS_READABLE} AND {failed}"
        case RecordStatus.FORWARDED:
            return f"{_IS_READABLE} AND {sent} AND NOT {failed} AND NOT {waiting}"
        case RecordStatus.DUPLICATE:
            return f"{_IS_READABLE} AND {duplicate}"
        case RecordStatus.STORED:
            is_open = f"NOT {failed} AND (NOT {sent} OR {waiting})"
            return f"{_IS_READABLE} AND {is_open} AND NOT {duplicate}"


def _has_forward(condition: str) -> str:
    forwards = f"SELECT 1 FROM okhook.forward WHERE forward.seq = record.seq AND {condition}"  # noqa: S608 - our own words
    return f"EXISTS ({forwards})"


_BEHIND = (
    f"SELECT 1 FROM okhook.target WHERE record.seq > target.cursor AND {ITS_OWN}"  # noqa: S608 - our own words
    f" AND NOT {_has_forward('forward.target_id = target.id')}"
)
_UNFINISHED = _has_forward("forward.state != 'done'")

NOT_FORWARDED = f"({_UNFINISHED} OR (kind = 'delivery' AND EXISTS ({_BEHIND})))"
"""The condition of a record that a target has not accepted: it waits, failed, or was not tried."""
