"""Remove the oldest records, in short transactions, so that a running receiver can go on."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress

from okhook.store import arrivals
from okhook.store.arrivals import Counters, counters_of
from okhook.store.contract import PrunePlan
from okhook.store.progress import progress_of
from okhook.store.pruning import oldest, planned_condition, remove
from okhook.store.sql import number
from okhook.store.sqlite import seen, word_index
from okhook.store.sqlite.connection import is_full, transaction

_AT_ONCE = 100
_PAGES_AT_ONCE = 256
_FEWER = 8
"""How many times smaller a step becomes that a full disk refused."""


def prune(
    connection: sqlite3.Connection,
    planned: PrunePlan,
    *,
    held_too: bool,
    make_room: Callable[[], bool],
) -> Iterator[int]:
    """Remove the planned records, and yield how many each step removed.

    The newest record stays until it is indexed: the progress of deriving ends there. ``make_room``
    is called on a full disk, and returns whether it made any.
    """
    condition = planned_condition(planned, held_too=held_too)
    yield from _in_steps(
        lambda count: _remove_some(connection, condition, count),
        connection,
        at_once=_AT_ONCE,
        make_room=make_room,
    )
    _give_back(connection, make_room)


def _in_steps(
    step: Callable[[int], int],
    connection: sqlite3.Connection,
    *,
    at_once: int,
    make_room: Callable[[], bool],
) -> Iterator[int]:
    """Yield the results of ``step(at_once)`` until it has nothing to do.

    On a full disk, steps become smaller, and each one empties the log for the next one.
    """
    count = at_once
    while True:
        try:
            done = step(count)
        except sqlite3.Error as error:
            if not is_full(error):
                raise
            if not make_room():
                if count == 1:
                    raise
                count = max(1, count // _FEWER)
            empty_log(connection)
            continue
        if not done:
            return
        if count < at_once:
            empty_log(connection)
        yield done


def empty_log(connection: sqlite3.Connection) -> None:
    """Move the write-ahead log into the file, if there is room for it."""
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _remove_some(connection: sqlite3.Connection, condition: str, count: int) -> int:
    with transaction(connection):
        indexed = progress_of(connection).indexed
        rows = oldest(connection, condition, indexed, count)
        counters = Counters()
        for seq, kind, body, received_at_us in rows:
            if seq <= indexed:
                event_types = word_index.forget_words(connection, seq, kind, body)
                counters += counters_of(received_at_us, kind, event_types)
            seen.forget_ids(connection, seq, body)
        arrivals.count(connection, counters, by=-1)
        remove(connection, [seq for seq, *_ in rows])
    return len(rows)


def _give_back(connection: sqlite3.Connection, make_room: Callable[[], bool]) -> None:
    empty_log(connection)
    try:
        for _ in word_index.merge_words(connection):
            pass
    except sqlite3.Error as error:
        if not is_full(error):
            raise

    def free_pages(count: int) -> int:
        before = number(connection, "PRAGMA page_count")
        connection.execute(f"PRAGMA incremental_vacuum({count})").fetchall()
        return before - number(connection, "PRAGMA page_count")

    for _ in _in_steps(free_pages, connection, at_once=_PAGES_AT_ONCE, make_room=make_room):
        pass
    empty_log(connection)
