"""Conditions in SQL that both kinds of store understand."""

from okhook.records.record import RecordFilter, RecordStatus
from okhook.store.rows import microseconds
from okhook.store.sql import SqlConnection, listed, prefix_of

ITS_OWN = "(target.receiver_id = record.receiver_id OR (record.receiver_id = 0 AND target.has_old))"
"""The condition of a record that is to be sent to a target."""

_SHOWN_KINDS = "kind IN ('delivery', 'malformed', 'refused')"
_IS_READABLE = "kind NOT IN ('refused', 'malformed')"


def conditions_of(connection: SqlConnection, wanted: RecordFilter) -> list[str]:
    """Return the conditions of a filter, but for words, event types and receivers."""
    prefix = prefix_of(connection)
    conditions: list[str] = [] if wanted.everything else [_SHOWN_KINDS]
    if wanted.statuses:
        each = (f"({_status(status, prefix)})" for status in sorted(wanted.statuses))
        conditions.append(f"({' OR '.join(each)})")
    if wanted.target is not None:
        known = connection.execute(f"SELECT id, url FROM {prefix}target")  # noqa: S608 - our own words
        ids = listed(id_ for id_, url in list(known) if url == wanted.target)
        conditions.append(_has_forward(prefix, f"forward.target_id IN {ids}"))
    for compared, moment in (">=", wanted.since), ("<=", wanted.until):
        if moment is not None:
            conditions.append(f"received_at_us {compared} {microseconds(moment)}")
    return conditions


def _status(status: RecordStatus, schema: str) -> str:
    """Return the rule of :attr:`okhook.records.record.Found.status` in SQL.

    ``duplicate`` finds all duplicates, whatever became of them: they are forwarded as well.
    """
    sent, failed, waiting = (
        _has_forward(schema, state)
        for state in ("true", "forward.state = 'failed'", "forward.state = 'waiting'")
    )
    duplicate = f"EXISTS (SELECT 1 FROM {schema}duplicate WHERE duplicate.seq = record.seq)"  # noqa: S608 - our own words
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


def _has_forward(schema: str, condition: str) -> str:
    forwards = f"SELECT 1 FROM {schema}forward WHERE forward.seq = record.seq AND {condition}"  # noqa: S608 - our own words
    return f"EXISTS ({forwards})"


def not_forwarded(schema: str) -> str:
    """Return the condition of a record that a target has not accepted.

    It waits, it failed, or it was not attempted.
    """
    sent_there = _has_forward(schema, "forward.target_id = target.id")
    behind = (
        f"SELECT 1 FROM {schema}target WHERE record.seq > target.cursor AND {ITS_OWN}"  # noqa: S608 - our own words
        f" AND NOT {sent_there}"
    )
    unfinished = _has_forward(schema, "forward.state != 'done'")
    return f"({unfinished} OR (kind = 'delivery' AND EXISTS ({behind})))"
