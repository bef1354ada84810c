"""Find records: a filter as SQL.

The hits of the word index are sorted by ``seq``, so a page costs the same in a store of any size.
"""

import sqlite3
from fnmatch import fnmatchcase

from okhook.records.record import Record, RecordFilter, RecordStatus
from okhook.store.conditions import conditions_of
from okhook.store.receivers import owned_by
from okhook.store.search_terms import event_tag, is_about, kind_tag
from okhook.store.sql import listed
from okhook.store.sql_reader import Query


def query_of(connection: sqlite3.Connection, wanted: RecordFilter) -> Query | None:
    """Return what finds the records of a filter; None if there can be none."""
    terms = _terms(connection, wanted)
    if terms is None:
        return None
    conditions = conditions_of(connection, wanted)
    if wanted.receiver is not None:
        ids = owned_by(connection, wanted.receiver)
        # Of two receivers, the index would give the records out of order.
        column = "receiver_id" if len(ids) == 1 else "+receiver_id"
        conditions.append(f"{column} IN {listed(ids)}")
    return _query(wanted, terms, conditions)


def _query(wanted: RecordFilter, terms: list[str], conditions: list[str]) -> Query:
    def keeps(record: Record) -> bool:
        return wanted.user is None or is_about(record.delivery, wanted.user)

    match = " AND ".join(terms)
    if wanted.statuses == {RecordStatus.FAILED}:
        source = (
            "(SELECT DISTINCT seq FROM forward WHERE state = 'failed') AS lead"
            " CROSS JOIN record ON record.seq = lead.seq"
        )
        if match:
            conditions.append(
                "EXISTS (SELECT 1 FROM word WHERE word MATCH :match AND word.rowid = lead.seq)"
            )
        return Query(source, conditions, keeps, "lead.seq", {"match": match})
    if wanted.statuses == {RecordStatus.DUPLICATE} and not match:
        source = "duplicate AS lead CROSS JOIN record ON record.seq = lead.seq"
        return Query(source, conditions, keeps, "lead.seq")
    if wanted.statuses and wanted.statuses <= {RecordStatus.REFUSED, RecordStatus.MALFORMED}:
        tags = " OR ".join(map(kind_tag, sorted(wanted.statuses)))
        match = " AND ".join([*terms, f"{{tags}} : ({tags})"])
    if not match:
        return Query("record", conditions, keeps)
    source = "word CROSS JOIN record ON record.seq = word.rowid"
    conditions = ["word MATCH :match", *conditions]
    return Query(source, conditions, keeps, "word.rowid", {"match": match})


def _terms(connection: sqlite3.Connection, wanted: RecordFilter) -> list[str] | None:
    terms = [f"{{words}} : {_word(word)}" for word in wanted.words]
    if wanted.user is not None:
        terms.append(f"{{words}} : {_phrase(wanted.user)}")
    if wanted.events:
        names = connection.execute("SELECT name FROM event_type ORDER BY name")
        tags = [event_tag(n) for (n,) in names if any(fnmatchcase(n, p) for p in wanted.events)]
        if not tags:
            return None
        terms.append(f"{{tags}} : ({' OR '.join(tags)})")
    return terms


def _word(text: str) -> str:
    return f"{_phrase(text[:-1])} *" if text.endswith("*") else _phrase(text)


def _phrase(text: str) -> str:
    return '"' + text.replace("\0", " ").replace('"', '""') + '"'
