"""Open a store: the one place that knows which kinds of store exist."""

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from pathlib import Path

from okhook.store.contract import Reader, Store, StoreHealth


def open_store(path: Path, receiver: str | None = None) -> AbstractAsyncContextManager[Store]:
    """Open the store in ``path``; create it if it is missing, or raise ``StoreFailed``.

    Records are appended, read and forwarded in the name of ``receiver``; without it, all are read.
    """
    from okhook.store.sqlite.store import sqlite_store

    return sqlite_store(path, receiver)


def open_reader(path: Path) -> AbstractContextManager[Reader]:
    """Open the store in ``path`` for reading; migrate an older one, or raise ``StoreFailed``."""
    from okhook.store.sqlite.reader import sqlite_reader

    return sqlite_reader(path)


def store_health(path: Path, *, within_s: float, now: datetime) -> StoreHealth | None:
    """Check the store in ``path`` for at most ``within_s`` seconds; None if there is no store."""
    from okhook.store.sqlite.reader import sqlite_health

    return sqlite_health(path, within_s=within_s, now=now)
