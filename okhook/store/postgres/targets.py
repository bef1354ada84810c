"""The targets in SQL: the apps and streams that deliveries are forwarded to.

What changes them runs in a transaction that holds the lock :data:`~.locks.FORWARDING`.
"""

from okhook.records.attempt import Target
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.receivers import named
from okhook.store.rows import OLD

_TARGETS = (
    "SELECT url, since_seq, cursor, receiver.name, has_old FROM okhook.target"
    " JOIN okhook.receiver ON receiver.id = target.receiver_id"
)

TARGET_ID = (
    "(SELECT target.id FROM okhook.target"
    " JOIN okhook.receiver ON receiver.id = target.receiver_id"
    " WHERE url = %(url)s AND receiver.name IS NOT DISTINCT FROM %(receiver)s::text)"
)


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
    found = connection.execute(
        f"{_TARGETS} WHERE url = %(url)s AND receiver_id = %(receiver)s", values
    )
    return Target(*(found.fetchone() or ()))


def all_targets(connection: Connection) -> list[Target]:
    """Return every target, in the order of their first use."""
    return [Target(*row) for row in connection.execute(f"{_TARGETS} ORDER BY target.id")]


def skip_backlog(connection: Connection, receiver: str | None, url: str) -> None:
    """Move a target's cursor after the newest record, and give up what waits."""
    values = {"url": url, "receiver": receiver}
    connection.execute(
        "UPDATE okhook.target SET cursor = (SELECT coalesce(max(seq), 0) FROM okhook.record)"  # noqa: S608 - our own conditions
        f" WHERE id = {TARGET_ID}",
        values,
    )
    connection.execute(
        "UPDATE okhook.forward SET state = 'failed', next_at_us = NULL"  # noqa: S608 - our own conditions
        f" WHERE target_id = {TARGET_ID} AND state = 'waiting'",
        values,
    )


def advance(connection: Connection, receiver: str | None, url: str, cursor: int) -> None:
    """Move the cursor of a target forward, never back."""
    connection.execute(
        "UPDATE okhook.target SET cursor = %(cursor)s"  # noqa: S608 - our own conditions
        f" WHERE id = {TARGET_ID} AND cursor < %(cursor)s",
        {"url": url, "receiver": receiver, "cursor": cursor},
    )
