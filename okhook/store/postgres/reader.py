"""Read the PostgreSQL store, whether or not receivers write to it at the same time."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice

from okhook.errors import StoreFailed
from okhook.quantities import Keep
from okhook.records.attempt import Attempt, Backlog, Target
from okhook.records.record import Found, Record, RecordFilter
from okhook.store.contract import Arrivals, Latencies, PrunePlan, Reader
from okhook.store.derive import Progress, keys_of
from okhook.store.postgres import arrivals, latencies, ledger, pruning, receivers, seen, word_index
from okhook.store.postgres.connection import Link
from okhook.store.postgres.deriving import index, progress_of, recognise
from okhook.store.postgres.receivers import scope_of
from okhook.store.postgres.rows import record_at, records_after
from okhook.store.postgres.schema import bring_up_to_date, check_version
from okhook.store.postgres.search import search
from okhook.store.rows import BEYOND_ALL
from okhook.wire.delivery import Delivery

_OTHERS_TURN_S = 0.02


class _PostgresReader:
    """Implements :class:`~okhook.store.contract.Reader`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def catch_up(self, report: Callable[[int], None]) -> int:
        progress = self._progress()
        last_seq = progress.last_seq
        with contextlib.suppress(StoreFailed):
            while (left := last_seq - progress.indexed) > 0:
                report(left)
                with self._link.connection() as connection:
                    step = index if progress.is_recognised else recognise
                    if step(connection) is None:
                        time.sleep(_OTHERS_TURN_S)
                progress = self._progress()
        return max(0, last_seq - progress.indexed)

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        start = BEYOND_ALL if before is None else before
        with self._link.connection() as connection:
            return list(islice(search(connection, wanted, order="DESC", start=start), limit))

    def in_order(self, wanted: RecordFilter, *, after: int = 0) -> Iterator[Found]:
        with self._link.connection() as connection:
            yield from search(connection, wanted, order="ASC", start=after)

    def identified(self, text: str) -> list[Found]:
        with self._link.connection() as connection:
            seqs = seen.seqs_known_by(connection, text)
            if not seqs and text.isascii() and text.isdecimal() and len(text) < 19:
                seqs = [int(text)]
            return self._found(record_at(connection, seq) for seq in seqs)

    def carrying(self, uuids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        with self._link.connection() as connection:
            return seen.seqs_carrying(connection, uuids)

    def repeated_by(self, delivery: Delivery, receiver: str | None) -> int | None:
        with self._link.connection() as connection:
            scope = scope_of(connection, receivers.known_as(connection, receiver))
            return seen.Seen(connection, keys_of(delivery)).first(delivery, scope)

    def attempts(self, seq: int) -> list[Attempt]:
        with self._link.connection() as connection:
            return ledger.attempts_of(connection, seq)

    def repeats(self, seq: int) -> list[Found]:
        with self._link.connection() as connection:
            rows = connection.execute(
                "SELECT seq FROM okhook.duplicate WHERE first_seq = %s ORDER BY seq", (seq,)
            )
            return self._found(record_at(connection, row[0]) for row in rows.fetchall())

    def event_types_seen(self) -> frozenset[str]:
        with self._link.connection() as connection:
            return frozenset(word_index.event_types(connection))

    def targets(self) -> list[Target]:
        with self._link.connection() as connection:
            return ledger.targets(connection)

    def receivers(self) -> list[str]:
        with self._link.connection() as connection:
            return receivers.names(connection)

    def after(self, seq: int, limit: int) -> list[Found]:
        with self._link.connection() as connection:
            return self._found(records_after(connection, seq, limit))

    def tried_after(self, attempt: int, limit: int) -> tuple[int, list[int]]:
        with self._link.connection() as connection:
            return ledger.tried_after(connection, attempt, limit)

    def arrivals(self, since: datetime) -> list[Arrivals]:
        with self._link.connection() as connection:
            return arrivals.since(connection, since)

    def latencies(self, count: int) -> Latencies:
        with self._link.connection() as connection:
            return latencies.newest(connection, count)

    def backlogs(self) -> list[tuple[Target, Backlog]]:
        with self._link.connection() as connection:
            return ledger.backlogs(connection)

    def last_seq(self) -> int:
        return self._progress().last_seq

    def plan_pruning(self, keep: Keep, *, now: datetime) -> PrunePlan:
        with self._link.connection() as connection:
            return pruning.plan(connection, keep, now)

    def prune(self, plan: PrunePlan, *, held_too: bool) -> Iterator[int]:
        with self._link.connection() as connection:
            yield from pruning.prune(connection, plan, held_too=held_too)

    def _progress(self) -> Progress:
        with self._link.connection() as connection:
            return progress_of(connection)

    def _found(self, records: Iterable[Record | None]) -> list[Found]:
        known = [record for record in records if record is not None]
        with self._link.connection() as connection:
            forwards = ledger.forwards_of(connection, [record.seq for record in known])
        return [Found(record, forwards.get(record.seq, ())) for record in known]


@contextmanager
def postgres_reader(url: str) -> Iterator[Reader]:
    """Implement :func:`okhook.store.open.open_reader` for a URL."""
    with closing(Link(url)) as link:
        with link.connection() as connection:
            check_version(connection, url)
            bring_up_to_date(connection, url)
        yield _PostgresReader(link)
