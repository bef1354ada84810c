"""Where stores are opened: the one place that knows which kinds of store there are."""

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from pathlib import Path

from okhook.store.contract import Reader, Store, StoreHealth


def open_store(path: Path) -> AbstractAsyncContextManager[Store]:
    """Open the store in ``path``, made where there is none, for as long as the block lasts.

    Raises:
        StoreFailed: it cannot be opened, is damaged, or belongs to a newer okhook or another
            program. A damaged file is left as it is.
    """
    from okhook.store.sqlite.store import sqlite_store

    return sqlite_store(path)


def open_reader(path: Path) -> AbstractContextManager[Reader]:
    """Open the store in ``path`` for reading, for as long as the block lasts.

    A store of an older okhook is brought up to date first.

    Raises:
        StoreFailed: there is no store, it is damaged, or it belongs to a newer okhook or another
            program.
    """
    from okhook.store.sqlite.reader import sqlite_reader

    return sqlite_reader(path)


def store_health(path: Path, *, within_s: float, now: datetime) -> StoreHealth | None:
    """Look at the store in ``path`` for at most ``within_s`` seconds; None where there is none yet.

    Raises:
        StoreFailed: it cannot be opened, is another program's, is no file, or is missing beside its
            log.
    """
    from okhook.store.sqlite.health import sqlite_health

    return sqlite_health(path, within_s=within_s, now=now)
