"""The targets in SQL: the apps and streams that deliveries are forwarded to."""

import sqlite3

from okhook.records.attempt import Target
from okhook.store.rows import OLD, Row
from okhook.store.sqlite.receivers import named

_TARGETS = (
    "SELECT url, since_seq, cursor, receiver.name, has_old FROM target"
    " JOIN receiver ON receiver.id = target.receiver_id"
)

TARGET_ID = (
    "(SELECT target.id FROM target JOIN receiver ON receiver.id = target.receiver_id"
    " WHERE url = :url AND receiver.name IS :receiver)"
)


def open_target(connection: sqlite3.Connection, receiver: str | None, url: str) -> Target:
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


def all_targets(connection: sqlite3.Connection) -> list[Target]:
    """Return every target, in the order of their first use."""
    return [_target_of(row) for row in connection.execute(f"{_TARGETS} ORDER BY target.id")]


def _target_of(row: Row) -> Target:
    url, since_seq, cursor, receiver, has_old = row
    return Target(url, since_seq, cursor, receiver, bool(has_old))


def skip_backlog(connection: sqlite3.Connection, receiver: str | None, url: str) -> None:
    """Move a target's cursor after the newest record, and give up what waits."""
    values = {"url": url, "receiver": receiver}
    connection.execute(
        "UPDATE target SET cursor = (SELECT ifnull(max(seq), 0) FROM record)"  # noqa: S608 - our own conditions
        f" WHERE id = {TARGET_ID}",
        values,
    )
    connection.execute(
        "UPDATE forward SET state = 'failed', next_at_us = NULL"  # noqa: S608 - our own conditions
        f" WHERE target_id = {TARGET_ID} AND state = 'waiting'",
        values,
    )


def advance(connection: sqlite3.Connection, receiver: str | None, url: str, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    connection.execute(
        f"UPDATE target SET cursor = :cursor WHERE id = {TARGET_ID} AND cursor < :cursor",  # noqa: S608 - our own conditions
        {"url": url, "receiver": receiver, "cursor": cursor},
    )
