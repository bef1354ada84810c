"""The advisory locks of a store. All of them end with their transaction, and no session keeps one.

Whoever needs two takes them in this order, after a row of ``okhook.progress`` if it needs that.
"""

from okhook.store.postgres.connection import Connection

MIGRATING = 0x6F6B686B_00000001
"""``okhk``, and a number."""

APPENDING = 0x6F6B686B_00000002
"""Taken before records get their numbers, so that these are in the order of the commits."""

FORWARDING = 0x6F6B686B_00000003
"""Taken before targets, forwards and attempts change: attempts are numbered as records are."""


def take(connection: Connection, lock: int) -> None:
    """Wait for a lock, and hold it until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock,))
