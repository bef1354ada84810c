"""Open a store: the one place that knows which kinds of store exist."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from okhook.config.store_location import StoreLocation
from okhook.errors import StoreFailed
from okhook.store.contract import Reader, Store
from okhook.store.health import Schema, StoreHealth

if TYPE_CHECKING:
    from okhook.store.copying import CopySource, CopyTarget


def open_store(
    where: StoreLocation, receiver: str | None = None
) -> AbstractAsyncContextManager[Store]:
    """Open a store; create it if it is missing, or raise ``StoreFailed``.

    Records are appended, read and forwarded in the name of ``receiver``; without it, all are read.
    """
    if isinstance(where, Path):
        from okhook.store.sqlite.store import sqlite_store

        return sqlite_store(where, receiver)
    with _postgres_extra():
        from okhook.store.postgres.store import postgres_store

        return postgres_store(where.reveal(), receiver)


def open_reader(where: StoreLocation) -> AbstractContextManager[Reader]:
    """Open a store for reading; migrate an older one, or raise ``NoStore`` or ``StoreFailed``."""
    if isinstance(where, Path):
        from okhook.store.sqlite.reader import sqlite_reader

        return sqlite_reader(where)
    with _postgres_extra():
        from okhook.store.postgres.reader import postgres_reader

        return postgres_reader(where.reveal())


def store_health(where: StoreLocation, *, within_s: float, now: datetime) -> StoreHealth | None:
    """Check a store for at most ``within_s`` seconds; None if there is none yet.

    Raises:
        StoreFailed: this user cannot open it, or cannot write to it.
    """
    if isinstance(where, Path):
        from okhook.store.sqlite.health import sqlite_health

        return sqlite_health(where, within_s=within_s, now=now)
    with _postgres_extra():
        from okhook.store.postgres.health import postgres_health

        return postgres_health(where.reveal(), within_s=within_s, now=now)


def schema_of(where: StoreLocation) -> Schema:
    """Return the version of a store's schema, and the one that this okhook uses."""
    if isinstance(where, Path):
        from okhook.store.sqlite.connection import named_faults
        from okhook.store.sqlite.schema import VERSION, schema_version

        with named_faults(where):
            return Schema(schema_version(where), VERSION)
    with _postgres_extra():
        from okhook.store.postgres.schema import postgres_schema

        return postgres_schema(where.reveal())


def migrate(where: StoreLocation) -> None:
    """Create a store, or bring its schema up to date."""
    if isinstance(where, Path):
        from okhook.store.sqlite.connection import connect

        connect(where).close()
        return
    with _postgres_extra():
        from okhook.store.postgres.schema import migrate as migrate_postgres

        migrate_postgres(where.reveal())


def copy_source(where: StoreLocation) -> "AbstractContextManager[CopySource]":
    """Open a store to copy it; raise ``NoStore`` or ``StoreFailed``."""
    if isinstance(where, Path):
        from okhook.store.sqlite.copying import sqlite_source

        return sqlite_source(where)
    with _postgres_extra():
        from okhook.store.postgres.copying import postgres_source

        return postgres_source(where.reveal())


def copy_target(where: StoreLocation) -> "AbstractContextManager[CopyTarget]":
    """Open a store to fill it with a copy; create it if it is missing."""
    if isinstance(where, Path):
        from okhook.store.sqlite.copying import sqlite_target

        return sqlite_target(where)
    with _postgres_extra():
        from okhook.store.postgres.copying import postgres_target

        return postgres_target(where.reveal())


def free_bytes(where: StoreLocation) -> int | None:
    """Return the free space on the disk of a store; None if its disk is not of this machine."""
    if not isinstance(where, Path):
        return None
    return shutil.disk_usage(next(each for each in where.parents if each.is_dir())).free


@contextmanager
def _postgres_extra() -> Iterator[None]:
    """Say how to install what PostgreSQL needs, if it is missing."""
    try:
        yield
    except ImportError as error:
        raise StoreFailed(
            "a PostgreSQL store needs more Python packages",
            why=str(error).partition("\n")[0],
            next_step="install them: pip install 'okhook[postgres]'",
        ) from error
