"""A filter as SQL: which index leads, and what is checked on each record that it leads to.

Words, event types and people lead through the word index, whose hits come in order of ``seq`` from
either end, so that a page costs what it holds and not what the store holds.
"""

import fnmatch
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from okhook.records.filter import RecordFilter
from okhook.records.record import Found
from okhook.records.status import RecordStatus
from okhook.store.derive import event_tag, kind_tag
from okhook.store.sqlite.ledger import forwards_of
from okhook.store.sqlite.rows import RECORD_COLUMNS, microseconds, record_of
from okhook.store.sqlite.words import phrase
from okhook.wire.delivery import Delivery

Order = Literal["ASC", "DESC"]

_PAGE = 100
_SHOWN_KINDS = "kind IN ('delivery', 'malformed', 'refused')"

_IS_DUPLICATE = "EXISTS (SELECT 1 FROM duplicate WHERE duplicate.seq = record.seq)"
_HAS_FORWARD = "EXISTS (SELECT 1 FROM forward WHERE forward.seq = record.seq{})"
_IS_SENT = _HAS_FORWARD.format("")
_IS_FAILED = _HAS_FORWARD.format(" AND forward.state = 'failed'")
_IS_WAITING = _HAS_FORWARD.format(" AND forward.state = 'waiting'")
_IS_READABLE = "kind NOT IN ('refused', 'malformed')"
_IS_OPEN = f"{_IS_READABLE} AND NOT {_IS_FAILED} AND (NOT {_IS_SENT} OR {_IS_WAITING})"

_STATUS_CONDITIONS = {
    RecordStatus.REFUSED: "kind = 'refused'",
    RecordStatus.MALFORMED: "kind = 'malformed'",
    RecordStatus.FAILED: f"{_IS_READABLE} AND {_IS_FAILED}",
    RecordStatus.FORWARDED: (
        f"{_IS_READABLE} AND {_IS_SENT} AND NOT {_IS_FAILED} AND NOT {_IS_WAITING}"
    ),
    RecordStatus.DUPLICATE: f"{_IS_OPEN} AND {_IS_DUPLICATE}",
    RecordStatus.STORED: f"{_IS_OPEN} AND NOT {_IS_DUPLICATE}",
}
"""The statuses of :class:`~okhook.records.record.Found`, as conditions on a row of ``record``."""


@dataclass(frozen=True, slots=True)
class _Query:
    """Where records are looked for: a source of ``seq``, conditions, and their values."""

    source: str
    seq: str
    conditions: tuple[str, ...]
    values: dict[str, Any]

    def page(self, order: Order) -> str:
        """Return the SQL of one page beyond ``:from``."""
        beyond = f"{self.seq} {'<' if order == 'DESC' else '>'} :from"
        where = " AND ".join((beyond, *self.conditions))
        return (
            f"SELECT {RECORD_COLUMNS} FROM {self.source} WHERE {where}"  # noqa: S608 - our own words
            f" ORDER BY {self.seq} {order} LIMIT {_PAGE}"
        )


def found(
    connection: sqlite3.Connection, wanted: RecordFilter, *, order: Order, start: int
) -> Iterator[Found]:
    """Yield the records that are wanted, from beyond ``start`` on, page by page.

    Each page is read at once, so that a slow reader holds no snapshot of the file open.
    """
    query = _query(connection, wanted)
    if query is None:
        return
    sql = query.page(order)
    while True:
        rows = connection.execute(sql, {**query.values, "from": start}).fetchall()
        for row in rows:
            record = record_of(row)
            if wanted.user is None or any(_is_named(record.delivery, wanted.user)):
                yield Found(record, forwards_of(connection, record.seq))
        if len(rows) < _PAGE:
            return
        start = rows[-1][0]


def _query(connection: sqlite3.Connection, wanted: RecordFilter) -> _Query | None:
    """Return the query, or None where nothing can be found."""
    conditions, values = _conditions(wanted)
    terms = _terms(connection, wanted)
    if terms is None:
        return None
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
        return _Query(source, "lead.seq", tuple(conditions), values)
    if wanted.statuses == {RecordStatus.DUPLICATE} and not match:
        source = "duplicate AS lead CROSS JOIN record ON record.seq = lead.seq"
        return _Query(source, "lead.seq", tuple(conditions), values)
    if wanted.statuses and wanted.statuses <= {RecordStatus.REFUSED, RecordStatus.MALFORMED}:
        tags = " OR ".join(map(kind_tag, sorted(wanted.statuses)))
        match = " AND ".join([*terms, f"{{tags}} : ({tags})"])
    if not match:
        return _Query("record", "record.seq", tuple(conditions), values)
    values["match"] = match
    return _Query(
        "word CROSS JOIN record ON record.seq = word.rowid",
        "word.rowid",
        ("word MATCH :match", *conditions),
        values,
    )


def _conditions(wanted: RecordFilter) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = [] if wanted.everything else [_SHOWN_KINDS]
    values: dict[str, Any] = {}
    if wanted.statuses:
        each = (f"({_STATUS_CONDITIONS[status]})" for status in sorted(wanted.statuses))
        conditions.append(f"({' OR '.join(each)})")
    if wanted.since is not None:
        values["since"] = microseconds(wanted.since)
        conditions.append("received_at_us >= :since")
    if wanted.until is not None:
        values["until"] = microseconds(wanted.until)
        conditions.append("received_at_us <= :until")
    return conditions, values


def _terms(connection: sqlite3.Connection, wanted: RecordFilter) -> list[str] | None:
    """Return what to ask of the word index; None where an event type that never came is wanted."""
    terms = [f"{{words}} : {_word(word)}" for word in wanted.words]
    if wanted.user is not None:
        terms.append(f"{{words}} : {phrase(wanted.user)}")
    if wanted.events:
        tags = [event_tag(name) for name in _known_types(connection, wanted.events)]
        if not tags:
            return None
        terms.append(f"{{tags}} : ({' OR '.join(tags)})")
    return terms


def _word(text: str) -> str:
    """Return a word or a phrase; an asterisk at its end stands for any ending."""
    return f"{phrase(text[:-1])} *" if text.endswith("*") else phrase(text)


def _known_types(connection: sqlite3.Connection, patterns: tuple[str, ...]) -> list[str]:
    rows = connection.execute("SELECT name FROM event_type ORDER BY name")
    return [name for (name,) in rows if any(fnmatch.fnmatchcase(name, p) for p in patterns)]


def _is_named(delivery: Delivery, user: str) -> Iterator[bool]:
    """Tell of each actor and target whether it has that login (in any case) or that very id."""
    for event in delivery.events:
        for party in (event.actor, *event.targets):
            if party is not None:
                yield party.id == user
                yield (party.alternate_id or "").casefold() == user.casefold()
