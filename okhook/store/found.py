"""Records as they are looked up, and what became of them: their attempts and forwards."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from okhook.records.attempt import Attempt, Forward
from okhook.records.record import Found, Record
from okhook.store.contract import Latencies
from okhook.store.rows import ATTEMPT_COLUMNS, attempt_of, forward_of, record_of, seqs_within
from okhook.store.sql import SqlConnection, listed, number, run

_RECORD_COLUMNS = (
    "record.seq, record.kind, record.received_at_us, record.method, record.path, record.headers,"
    " record.body, record.status, record.reason, record.auth,"
    " (SELECT first_seq FROM okhook.duplicate WHERE duplicate.seq = record.seq),"
    " (SELECT name FROM okhook.receiver WHERE receiver.id = record.receiver_id)"
)


def records_from(
    connection: SqlConnection, source: str, values: Mapping[str, Any] | None = None
) -> list[Record]:
    """Return the records of ``source``: of a table, under conditions, in an order."""
    rows = run(connection, f"SELECT {_RECORD_COLUMNS} FROM {source}", **(values or {}))  # noqa: S608 - our own conditions
    return [record_of(row) for row in rows]


def records_at(connection: SqlConnection, seqs: Sequence[int], most_bytes: int) -> list[Record]:
    """Return the first of these records, at least one, until their bodies have ``most_bytes``."""
    sizes = run(
        connection,
        f"SELECT seq, length(body) FROM okhook.record WHERE seq IN {listed(seqs)} ORDER BY seq",  # noqa: S608 - numbers
    )
    taken = seqs_within(sizes, most_bytes)
    return records_from(connection, f"okhook.record WHERE seq IN {listed(taken)} ORDER BY seq")


def attempts_of(connection: SqlConnection, seq: int) -> list[Attempt]:
    """Return every attempt of a record, oldest first."""
    attempts = f"SELECT {ATTEMPT_COLUMNS} FROM okhook.attempt WHERE seq = :seq ORDER BY id"  # noqa: S608 - our own column names
    return [attempt_of(row) for row in run(connection, attempts, seq=seq)]


def forwards(connection: SqlConnection, condition: str) -> list[Forward]:
    """Return the forwards that meet a condition."""
    rows = run(
        connection,
        "SELECT seq, url, state, attempts, next_at_us FROM okhook.forward"  # noqa: S608 - our own conditions
        f" JOIN okhook.target ON target.id = forward.target_id WHERE {condition}",
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
    return number(connection, "SELECT max(seq) FROM okhook.record")


def tried_after(connection: SqlConnection, attempt: int, limit: int) -> tuple[int, list[int]]:
    """Return the newest attempt's number, and the records that were sent to an app since one."""
    newest = number(connection, "SELECT max(id) FROM okhook.attempt")
    rows = run(
        connection,
        f"SELECT DISTINCT seq FROM okhook.attempt WHERE id > {attempt} AND id <= {newest}"  # noqa: S608 - numbers
        f" LIMIT {limit}",
    )
    return newest, [int(seq) for (seq,) in rows]


def note_commit_times(connection: SqlConnection, commit_times: Collection[tuple[int, int]]) -> None:
    """Store commit times: the ``seq`` of records, and their microseconds."""
    if not commit_times:
        return
    run(
        connection,
        "INSERT INTO okhook.commit_time (seq, us) SELECT column1, column2"  # noqa: S608 - numbers
        f" FROM (VALUES {', '.join(f'({seq}, {us})' for seq, us in commit_times)}) AS noted"
        " JOIN okhook.record ON record.seq = column1 WHERE true ON CONFLICT DO NOTHING",
    )


def newest_latencies(connection: SqlConnection, count: int) -> Latencies:
    """Return those of the newest ``count`` records and of the newest forwards."""
    committed = run(
        connection,
        f"SELECT us FROM okhook.commit_time ORDER BY seq DESC LIMIT {count}",  # noqa: S608 - a number
    )
    commit_s = [us / 1e6 for (us,) in committed]
    forwarded = run(
        connection,
        "SELECT began_at_us + duration_us - received_at_us"  # noqa: S608 - a number
        " FROM okhook.attempt JOIN okhook.record USING (seq)"
        " WHERE purpose = 'forward' AND attempt.status BETWEEN 200 AND 299"
        f" ORDER BY attempt.id DESC LIMIT {count}",
    )
    return Latencies(commit_s, [us / 1e6 for (us,) in forwarded])
