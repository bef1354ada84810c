"""Read the PostgreSQL store, whether or not receivers write to it at the same time."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from okhook.errors import StoreFailed
from okhook.store.contract import PrunePlan, Reader
from okhook.store.deriver import OTHERS_TURN_S
from okhook.store.postgres.arrivals import arrivals_since
from okhook.store.postgres.connection import Connection, Link
from okhook.store.postgres.deriving import index, recognise
from okhook.store.postgres.forwarding import attempts_of
from okhook.store.postgres.pruning import prune
from okhook.store.postgres.rows import records_from
from okhook.store.postgres.schema import bring_up_to_date, check_version
from okhook.store.postgres.search import query_of
from okhook.store.postgres.seen import repeated_by, seqs_carrying, seqs_known_by
from okhook.store.postgres.word_index import event_types_seen
from okhook.store.progress import progress_of
from okhook.store.sql_reader import SqlReader, reads


class _PostgresReader(SqlReader[Connection]):
    """Implements :class:`~okhook.store.contract.Reader`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    query_of = staticmethod(query_of)
    records_from = staticmethod(records_from)
    seqs_known_by = staticmethod(seqs_known_by)
    carrying = reads(seqs_carrying)
    repeated_by = reads(repeated_by)
    event_types_seen = reads(event_types_seen)
    attempts = reads(attempts_of)
    arrivals = reads(arrivals_since)

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
