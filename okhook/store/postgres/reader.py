"""Read the PostgreSQL store, whether or not receivers write to it at the same time."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from okhook.errors import StoreFailed
from okhook.store.contract import PrunePlan, Reader
from okhook.store.deriver import OTHERS_TURN_S
from okhook.store.postgres.connection import Connection, Link
from okhook.store.postgres.deriving import index, recognise
from okhook.store.postgres.pruning import prune
from okhook.store.postgres.schema import bring_up_to_date, check_version
from okhook.store.postgres.search import query_of
from okhook.store.postgres.seen import carriers
from okhook.store.progress import progress_of
from okhook.store.sql_reader import SqlReader


class _PostgresReader(SqlReader[Connection]):
    """Implements :class:`~okhook.store.contract.Reader`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    query_of = staticmethod(query_of)
    carriers = staticmethod(carriers)

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
