"""Derive from the records, after their answer: duplicates first, then the word index.

Each step writes its results and its progress in one transaction: a crash neither repeats nor skips
a record, and two processes can take turns.
"""

import sqlite3
from collections.abc import Collection

from okhook.store import arrivals
from okhook.store.arrivals import Counters, counters_of
from okhook.store.duplicates import RECOGNISED_KINDS
from okhook.store.found import note_commit_times
from okhook.store.progress import Progress, progress_of, take_unindexed, take_unrecognised
from okhook.store.receivers import scope_of
from okhook.store.sqlite import seen, word_index
from okhook.store.sqlite.connection import transaction


def recognise(
    connection: sqlite3.Connection, commit_times: Collection[tuple[int, int]] = ()
) -> Progress:
    """Find the duplicates among the next few records, in a few milliseconds.

    ``commit_times`` are stored on the way: the ``seq`` of records, and their microseconds.
    """
    with transaction(connection):
        note_commit_times(connection, commit_times)
        taken = take_unrecognised(connection)
        scopes = {each: scope_of(connection, each) for each in {one.receiver_id for one in taken}}
        for record in taken:
            if record.kind in RECOGNISED_KINDS:
                scope = scopes[record.receiver_id]
                seen.mark_duplicate(connection, record.seq, record.body, scope)
    return progress_of(connection)


def index(connection: sqlite3.Connection) -> Progress:
    """Index the words of the next few recognised records, in a few milliseconds."""
    with transaction(connection):
        counters = Counters()
        for seq, kind, body, _, received_at_us in take_unindexed(connection):
            event_types = word_index.index_words(connection, seq, kind, body)
            counters += counters_of(received_at_us, kind, event_types)
        arrivals.count(connection, counters, by=1)
    return progress_of(connection)
