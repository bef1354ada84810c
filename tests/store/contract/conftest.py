"""Every kind of store runs the same tests: each is opened here, and nowhere else in them."""

import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import pytest

from okhook.config.store_location import DatabaseUrl
from okhook.records.record import NewRecord
from okhook.secret import Secret
from okhook.store.contract import Reader, Store
from okhook.store.open import open_reader, open_store
from tests.support.postgres import Cluster


@dataclass(frozen=True)
class Place:
    """Where one store is, to be opened as often as a test likes, for a receiver if it names one."""

    store: Callable[..., AbstractAsyncContextManager[Store]]
    reader: Callable[[], AbstractContextManager[Reader]]


Opener = Callable[[], AbstractContextManager[Place]]
"""Gives a place for a new store of one kind."""


async def keep_all(store: Store, records: Iterable[NewRecord]) -> None:
    """Append at once, so that they share commits; their numbers are in their order."""
    async with anyio.create_task_group() as tasks:
        for record in records:
            tasks.start_soon(store.append, record)


@contextmanager
def reader_of(opener: Opener, fill: Callable[[Store], Awaitable[None]]) -> Iterator[Reader]:
    """Have a new store filled, and read it once all of it is indexed."""

    async def fill_it(place: Place) -> None:
        async with place.store() as store:
            await fill(store)

    with opener() as place:
        anyio.run(fill_it, place)
        with place.reader() as reader:
            assert reader.catch_up(lambda _: None) == 0
            yield reader


@contextmanager
def in_a_sqlite_file() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "store.db"
        yield Place(partial(open_store, path), partial(open_reader, path))


@contextmanager
def in_postgres(cluster: Cluster) -> Iterator[Place]:
    with cluster.database() as url:
        where = DatabaseUrl(Secret(url))
        yield Place(partial(open_store, where), partial(open_reader, where))


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], scope="session"
)
def opener(request: pytest.FixtureRequest) -> Opener:
    """Return what makes places of one kind, for tests that need several."""
    if request.param == "sqlite":
        return in_a_sqlite_file
    return partial(in_postgres, request.getfixturevalue("postgres_cluster"))


@pytest.fixture
def place(opener: Opener) -> Iterator[Place]:
    with opener() as place:
        yield place
