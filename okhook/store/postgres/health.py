"""Check the PostgreSQL store without writing."""

from datetime import datetime

import psycopg

from okhook.store.health import RECENT, StoreHealth
from okhook.store.postgres.connection import Connection, connect
from okhook.store.postgres.faults import named_faults
from okhook.store.postgres.schema import check_version, version_of
from okhook.store.rows import microseconds

_SIZE = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'okhook' AND c.relkind = 'r'
"""


def postgres_health(url: str, *, within_s: float, now: datetime) -> StoreHealth | None:
    """Implement :func:`okhook.store.open.store_health` for a URL.

    How much room its server has is not known, and PostgreSQL itself looks for damage.
    """
    since_us = microseconds(now - RECENT)
    with named_faults(url), connect(url) as connection:
        if not version_of(connection):
            return None
        check_version(connection, url)
        each_ms = max(1, int(within_s * 1000 / 3))
        return StoreHealth(
            size_bytes=_within(each_ms, connection, _SIZE) or 0,
            free_bytes=None,
            is_checked=True,
            damage=None,
            records=_within(each_ms, connection, "SELECT count(*) FROM okhook.record"),
            recent=_within(
                each_ms,
                connection,
                "SELECT count(*) FROM okhook.record WHERE received_at_us > %s",
                since_us,
            ),
        )


def _within(limit_ms: int, connection: Connection, question: str, *values: int) -> int | None:
    limit = "SELECT set_config('statement_timeout', %s, true)"
    try:
        with connection.transaction():
            connection.execute(limit, (str(limit_ms),))
            row = connection.execute(question, values).fetchone()
    except psycopg.errors.QueryCanceled:
        return None
    return None if row is None else int(row[0])
