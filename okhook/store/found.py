"""What became of records: their forwards, and how long they took."""

from collections.abc import Iterable

from okhook.records.attempt import Forward
from okhook.records.record import Found, Record
from okhook.store.contract import Latencies
from okhook.store.rows import forward_of
from okhook.store.sql import SqlConnection, listed, number, prefix_of


def forwards(connection: SqlConnection, condition: str) -> list[Forward]:
    """Return the forwards that meet a condition."""
    prefix = prefix_of(connection)
    rows = connection.execute(
        f"SELECT seq, url, state, attempts, next_at_us FROM {prefix}forward"  # noqa: S608 - our own conditions
        f" JOIN {prefix}target ON target.id = forward.target_id WHERE {condition}"
    )
    return [forward_of(row) for row in rows]


def found_of(connection: SqlConnection, records: Iterable[Record]) -> list[Found]:
    """Return records with their forwards to all targets."""
    known: dict[int, tuple[Record, list[Forward]]] = {each.seq: (each, []) for each in records}
    for forward in forwards(connection, f"seq IN {listed(known)} ORDER BY target_id"):
        known[forward.seq][1].append(forward)
    return [Found(record, tuple(its_own)) for record, its_own in known.values()]


def last_seq(connection: SqlConnection) -> int:
    """Return the ``seq`` of the newest record, 0 if there is none."""
    return number(connection, f"SELECT max(seq) FROM {prefix_of(connection)}record")  # noqa: S608 - our own words


def tried_after(connection: SqlConnection, attempt: int, limit: int) -> tuple[int, list[int]]:
    """Return the newest attempt's number, and the records that were sent to an app since one."""
    attempts = f"{prefix_of(connection)}attempt"
    newest = number(connection, f"SELECT max(id) FROM {attempts}")  # noqa: S608 - our own words
    rows = connection.execute(
        f"SELECT DISTINCT seq FROM {attempts} WHERE id > {attempt} AND id <= {newest} LIMIT {limit}"  # noqa: S608 - numbers
    )
    return newest, [int(seq) for (seq,) in rows]


def newest_latencies(connection: SqlConnection, count: int) -> Latencies:
    """Return those of the newest ``count`` records and of the newest forwards."""
    prefix = prefix_of(connection)
    committed = connection.execute(
        f"SELECT us FROM {prefix}commit_time ORDER BY seq DESC LIMIT {count}"  # noqa: S608 - a number
    )
    commit_s = [us / 1e6 for (us,) in committed]
    forwarded = connection.execute(
        "SELECT began_at_us + duration_us - received_at_us"  # noqa: S608 - a number
        f" FROM {prefix}attempt JOIN {prefix}record USING (seq)"
        " WHERE purpose = 'forward' AND attempt.status BETWEEN 200 AND 299"
        f" ORDER BY attempt.id DESC LIMIT {count}"
    )
    return Latencies(commit_s, [us / 1e6 for (us,) in forwarded])
