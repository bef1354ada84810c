"""Find records: a filter as SQL.

The hits of the word index are sorted by ``seq``, so a page costs the same in a store of any size.
"""

import sqlite3
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from okhook.records.record import Found, RecordFilter, RecordStatus
from okhook.store.conditions import conditions_of
from okhook.store.found import found_of
from okhook.store.receivers import owned_by
from okhook.store.rows import record_of
from okhook.store.search_terms import event_tag, is_about, kind_tag
from okhook.store.sql_reader import Order
from okhook.store.sqlite.rows import RECORD_COLUMNS

_PAGE = 100


def search(
    connection: sqlite3.Connection, wanted: RecordFilter, *, order: Order, start: int
) -> Iterator[Found]:
    """Yield the matching records after ``start``. No read transaction stays open between pages."""
    terms = _terms(connection, wanted)
    if terms is None:
        return
    source, seq, conditions, values = _query(wanted, terms)
    if wanted.receiver is not None:
        ids = owned_by(connection, wanted.receiver)
        # Of two receivers, the index would give the records out of order.
        column = "receiver_id" if len(ids) == 1 else "+receiver_id"
        conditions.append(f"{column} IN ({', '.join(map(str, ids))})")
    where = " AND ".join([f"{seq} {'<' if order == 'DESC' else '>'} :from", *conditions])
    sql = (
        f"SELECT {RECORD_COLUMNS} FROM {source} WHERE {where}"  # noqa: S608 - our own words
        f" ORDER BY {seq} {order} LIMIT {_PAGE}"
    )
    while True:
        rows = connection.execute(sql, {**values, "from": start}).fetchall()
        records = [record_of(row) for row in rows]
        if (user := wanted.user) is not None:
            records = [record for record in records if is_about(record.delivery, user)]
        yield from found_of(connection, records)
        if len(rows) < _PAGE:
            return
        start = rows[-1][0]


def _query(wanted: RecordFilter, terms: list[str]) -> tuple[str, str, list[str], dict[str, Any]]:
    conditions, values = conditions_of(wanted, schema="", mark=":{}")
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
            values["match"] = match
        return source, "lead.seq", conditions, values
    if wanted.statuses == {RecordStatus.DUPLICATE} and not match:
        source = "duplicate AS lead CROSS JOIN record ON record.seq = lead.seq"
        return source, "lead.seq", conditions, values
    if wanted.statuses and wanted.statuses <= {RecordStatus.REFUSED, RecordStatus.MALFORMED}:
        tags = " OR ".join(map(kind_tag, sorted(wanted.statuses)))
        match = " AND ".join([*terms, f"{{tags}} : ({tags})"])
    if not match:
        return "record", "record.seq", conditions, values
    values["match"] = match
    source = "word CROSS JOIN record ON record.seq = word.rowid"
    return source, "word.rowid", ["word MATCH :match", *conditions], values


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
