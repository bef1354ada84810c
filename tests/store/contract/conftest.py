"""Every kind of store runs the same tests: each is opened here, and nowhere else in them."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import pytest

from okhook.records.record import NewRecord
from okhook.store.contract import Reader, Store
from okhook.store.open import open_reader, open_store


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
def in_a_sqlite_file() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "store.db"
        yield Place(partial(open_store, path), partial(open_reader, path))


@pytest.fixture(params=[in_a_sqlite_file], scope="session")
def opener(request: pytest.FixtureRequest) -> Opener:
    """Return what makes places of one kind, for tests that need several."""
    made: Opener = request.param
    return made


@pytest.fixture
def place(opener: Opener) -> Iterator[Place]:
    with opener() as place:
        yield place
