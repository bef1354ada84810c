"""How long records took from their reception: to their commit, and to the answer of an app."""

import sqlite3
from collections.abc import Collection

from okhook.store.contract import Latencies

_FORWARDED = """
    SELECT began_at_us + duration_us - received_at_us FROM attempt JOIN record USING (seq)
    WHERE purpose = 'forward' AND attempt.status BETWEEN 200 AND 299
    ORDER BY attempt.id DESC LIMIT ?
"""


def note(connection: sqlite3.Connection, commit_times: Collection[tuple[int, int]]) -> None:
    """Store commit times: the ``seq`` of records, and their microseconds."""
    connection.executemany(
        "INSERT OR IGNORE INTO commit_time (seq, us) SELECT seq, ? FROM record WHERE seq = ?",
        [(us, seq) for seq, us in commit_times],
    )


def newest_latencies(connection: sqlite3.Connection, count: int) -> Latencies:
    """Return those of the newest ``count`` records and of the newest forwards."""
    committed = connection.execute("SELECT us FROM commit_time ORDER BY seq DESC LIMIT ?", (count,))
    forwarded = connection.execute(_FORWARDED, (count,))
    return Latencies(*([us / 1e6 for (us,) in rows] for rows in (committed, forwarded)))
