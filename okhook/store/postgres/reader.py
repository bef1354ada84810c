"""Read the PostgreSQL store, whether or not receivers write to it at the same time."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from okhook.errors import StoreFailed
from okhook.store.contract import PrunePlan, Reader
from okhook.store.deriver import OTHERS_TURN_S
from okhook.store.postgres.arrivals import arrivals_since
from okhook.store.postgres.attempts import attempts_of, tried_after
from okhook.store.postgres.backlog import all_backlogs
from okhook.store.postgres.connection import Connection, Link
from okhook.store.postgres.deriving import index, last_seq, progress_of, recognise
from okhook.store.postgres.found import found_after, identified, repeats_of
from okhook.store.postgres.latencies import newest_latencies
from okhook.store.postgres.pruning import plan, prune
from okhook.store.postgres.receivers import names
from okhook.store.postgres.schema import bring_up_to_date, check_version
from okhook.store.postgres.search import search
from okhook.store.postgres.seen import repeated_by, seqs_carrying
from okhook.store.postgres.targets import all_targets
from okhook.store.postgres.word_index import event_types_seen
from okhook.store.sql_reader import SqlReader, reads


class _PostgresReader(SqlReader[Connection]):
    """Implements :class:`~okhook.store.contract.Reader`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    search = staticmethod(search)
    identified = reads(identified)
    repeats = reads(repeats_of)
    after = reads(found_after)
    carrying = reads(seqs_carrying)
    repeated_by = reads(repeated_by)
    event_types_seen = reads(event_types_seen)
    attempts = reads(attempts_of)
    tried_after = reads(tried_after)
    targets = reads(all_targets)
    receivers = reads(names)
    backlogs = reads(all_backlogs)
    arrivals = reads(arrivals_since)
    latencies = reads(newest_latencies)
    last_seq = reads(last_seq)
    plan_pruning = reads(plan)

    def connection(self) -> AbstractContextManager[Connection]:
        return self._link.connection()

    def catch_up(self, report: Callable[[int], None]) -> int:
        with self.connection() as connection:
            progress = progress_of(connection)
        last = progress.last_seq
        with contextlib.suppress(StoreFailed):
            while (left := last - progress.indexed) > 0:
                report(left)
                with self.connection() as connection:
                    step = index if progress.is_recognised else recognise
                    if step(connection) is None:
                        time.sleep(OTHERS_TURN_S)
                    progress = progress_of(connection)
        return max(0, last - progress.indexed)

    def prune(self, plan: PrunePlan, *, held_too: bool) -> Iterator[int]:
        with self.connection() as connection:
            yield from prune(connection, plan, held_too=held_too)


@contextmanager
def postgres_reader(url: str) -> Iterator[Reader]:
    """Implement :func:`okhook.store.open.open_reader` for a URL."""
    with closing(Link(url)) as link:
        with link.connection() as connection:
            check_version(connection, url)
            bring_up_to_date(connection, url)
        yield _PostgresReader(link)
