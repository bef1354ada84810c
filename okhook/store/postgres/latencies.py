"""How long records took from their reception: to their commit, and to the answer of an app."""

from collections.abc import Collection

from okhook.store.contract import Latencies
from okhook.store.postgres.connection import Connection

_FORWARDED = """
    SELECT began_at_us + duration_us - received_at_us
    FROM okhook.attempt JOIN okhook.record USING (seq)
    WHERE purpose = 'forward' AND attempt.status BETWEEN 200 AND 299
    ORDER BY attempt.id DESC LIMIT %s
"""


def note(connection: Connection, commit_times: Collection[tuple[int, int]]) -> None:
    """Store commit times: the ``seq`` of records, and their microseconds."""
    seqs, times = [seq for seq, _ in commit_times], [us for _, us in commit_times]
    connection.execute(
        "INSERT INTO okhook.commit_time (seq, us) SELECT noted.seq, noted.us"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS noted (seq, us) JOIN okhook.record USING (seq)"
        " ON CONFLICT DO NOTHING",
        (seqs, times),
    )


def newest_latencies(connection: Connection, count: int) -> Latencies:
    """Return those of the newest ``count`` records and of the newest forwards."""
    committed = connection.execute(
        "SELECT us FROM okhook.commit_time ORDER BY seq DESC LIMIT %s", (count,)
    )
    forwarded = connection.execute(_FORWARDED, (count,))
    return Latencies(*([us / 1e6 for (us,) in found] for found in (committed, forwarded)))
