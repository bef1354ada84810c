"""Append records: a group is one statement, and so one transaction that no client can hold open.

Its first act is to wait for the lock of appending, and its commit gives that up. So records get
their numbers in the order of the commits, and a reader never passes over one that commits later.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from okhook.config.store_location import without_password
from okhook.errors import StoreFailed, StoreFull
from okhook.records.record import NewRecord
from okhook.runtime.ids import utc_now
from okhook.store.contract import CommitCounters
from okhook.store.group_commit import GroupCommit, Outcome, Waiting, tell
from okhook.store.postgres.connection import (
    ANSWER_WITHIN_S,
    APPENDING,
    LOCKED_WITHIN_MS,
    Connection,
    Link,
    take_lock,
    transaction,
)
from okhook.store.postgres.faults import store_failed
from okhook.store.receivers import rewrite_something
from okhook.store.rows import INSERTED, Row, row_of
from okhook.store.sql import stored_text
from okhook.store.trouble import Trouble

PART = "appending"

_LOOK_EVERY_S = 1.0
_MICROSECOND = timedelta(microseconds=1)

_APPEND = f"""
    WITH patience AS MATERIALIZED (
        SELECT set_config('lock_timeout', '{LOCKED_WITHIN_MS}', true), set_config(
            'synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), true
        )
    ),
    turn AS MATERIALIZED (SELECT pg_advisory_xact_lock({APPENDING}) FROM patience)
    INSERT INTO okhook.record ({INSERTED})
    SELECT kind, at, method, path, headers, body, status, reason, auth, receiver FROM turn, unnest(
        %b::text[], %b::bigint[], %b::text[], %b::bytea[], %b::bytea[], %b::bytea[], %b::int[],
        %b::bytea[], %b::text[], %b::int[]
    ) WITH ORDINALITY
    AS given (kind, at, method, path, headers, body, status, reason, auth, receiver, place)
    ORDER BY place
    RETURNING seq
"""  # noqa: S608 - our own column names
"""``%b``: psycopg sends these lists in PostgreSQL's binary form, for a quarter of the work."""


class Appender(GroupCommit[NewRecord]):
    """Appends for the event loop of its creation, in a thread with a connection of its own.

    Its callers wait for a limited time, whatever the database does. ``appended`` is called in the
    thread after each group, with how long there was none before. ``commit_times`` collects the
    ``seq`` of records, and how many microseconds after their reception they were committed.
    """

    def __init__(
        self,
        url: str,
        receiver_id: int,
        trouble: Trouble,
        commits: CommitCounters,
        commit_times: deque[tuple[int, int]],
        appended: Callable[[float], None],
    ) -> None:
        super().__init__(without_password(url), commits)
        self._url = url
        self._receiver_id = receiver_id
        self._trouble = trouble
        self._appended = appended
        self._link = Link(url)
        self._is_full = False
        self._gave_up: StoreFailed | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._commit_times = commit_times
        self.start()

    def put(self, item: NewRecord) -> "asyncio.Future[Any]":
        """Write ``item``; the future returns its result after the commit, or the late error."""
        done = super().put(item)
        if self._alarm is None:
            self._set_alarm()
        return done

    def _write(self, group: list[Waiting[NewRecord]]) -> list[Outcome[NewRecord]]:
        waiting = [each for each in group if not each.done.done()]
        return super()._write(waiting) if waiting else []

    def _written(self, outcomes: Sequence[Outcome[NewRecord]]) -> None:
        super()._written(outcomes)
        self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        since = min((waiting.since for waiting in self.unanswered()), default=None)
        self._alarm = (
            None
            if since is None
            else self._loop.call_at(since + ANSWER_WITHIN_S, self._out_of_time)
        )

    def _out_of_time(self) -> None:
        error, now = self._late(), self._loop.time()
        for waiting in self.unanswered():
            if waiting.since + ANSWER_WITHIN_S <= now:
                tell(waiting, None, error)
        self.forget_answered()
        self._set_alarm()

    def close(self) -> None:
        """Wait until everything is written, and close the connection."""
        super().close()
        self._link.close()

    def _late(self) -> StoreFailed:
        """Break the connection. Whether the store works, only the thread knows and tells."""
        late = StoreFailed(
            f"the store {without_password(self._url)} did not answer within {ANSWER_WITHIN_S} s"
        )
        self._gave_up = late
        self._link.abort()
        return late  # the thread may be at its next group by now, and have forgotten it

    def _is_fault_of_all(self, _: Exception) -> bool:
        return not self._link.is_open

    def _patience_s(self) -> float:
        return _LOOK_EVERY_S

    def _size_bytes(self, record: NewRecord) -> int:
        return len(record.request.body)

    def _commit(self, records: list[NewRecord]) -> list[int]:
        self._gave_up = None
        with self._link.connection() as connection:
            seqs = self._insert(connection, records)
        self._trouble.worked(PART)
        now = utc_now()
        for record, seq in zip(records, seqs, strict=True):
            took = now - record.request.received_at
            self._commit_times.append((seq, took // _MICROSECOND))
        return seqs

    def _fault(self, error: Exception) -> StoreFailed:
        fault = store_failed(self._url, error)
        self._is_full = isinstance(fault, StoreFull)
        self._trouble.failed(PART, self._gave_up or fault)
        return fault

    def _insert(self, connection: Connection, records: list[NewRecord]) -> list[int]:
        rows = (_with_bytes(connection, row_of(each, self._receiver_id)) for each in records)
        columns = zip(*rows, strict=True)
        found = connection.execute(_APPEND, [list(column) for column in columns], binary=True)
        return [seq for (seq,) in found]

    def _between(self, group: list[Waiting[NewRecord]] | None) -> None:
        """Wake deriving; while appending fails, look whether it would work now."""
        if group is not None:
            self._appended(self.idle_s)
        elif self._trouble.is_failing(PART) and not self._is_full:
            self._try()

    def _try(self) -> None:
        """Do what appending needs, but for a record: take its lock, and write."""
        try:
            with self._link.connection() as connection, transaction(connection):
                take_lock(connection, APPENDING)
                rewrite_something(connection)
        except StoreFailed:
            return
        self._trouble.worked(PART)


def _with_bytes(connection: Connection, row: Row) -> Row:
    kind, at, method, path, headers, body, status, reason, *rest = row
    path, reason = stored_text(connection, path), stored_text(connection, reason)
    return (kind, at, method, path, headers, body, status, reason, *rest)
