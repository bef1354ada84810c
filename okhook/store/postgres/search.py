"""Find records: a filter as SQL.

Of a rare word, all records are looked up in the index at once; a common one is looked for in record
after record, from the newest on. So a page costs about the same in a store of any size.
"""

from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from okhook.records.record import Record, RecordFilter
from okhook.store.conditions import conditions_of
from okhook.store.postgres.connection import Connection
from okhook.store.postgres.full_text import Phrase
from okhook.store.postgres.word_index import event_types
from okhook.store.receivers import owned_by
from okhook.store.search_terms import indexed, is_about
from okhook.store.sql import listed, run
from okhook.store.sql_reader import Query

_MANY = 1_000
_SHARE_OF_MANY = 0.01
"""A word is common if more records have it. PostgreSQL expects half of that of unknown words."""


def query_of(connection: Connection, wanted: RecordFilter) -> Query | None:
    """Return what finds the records of a filter; None if there can be none."""
    phrases = [Phrase.of(text) for text in wanted.words]
    about = [] if wanted.user is None else [Phrase.of(wanted.user)]
    if not all(phrase.words for phrase in (*phrases, *about)):
        return None
    conditions, values = conditions_of(connection, wanted), dict[str, Any]()
    _look_for(connection, conditions, values, [*phrases, *about])
    if wanted.events:
        ids = listed(_matching(connection, wanted.events))
        occurrences = f"SELECT seq FROM okhook.occurrence WHERE event_type_id IN {ids}"  # noqa: S608 - numbers
        conditions.append(f"record.seq IN ({occurrences})")
    if wanted.receiver is not None:
        conditions.append(f"receiver_id IN {listed(owned_by(connection, wanted.receiver))}")
    keeps = partial(_is_wanted, wanted, phrases)
    return Query("okhook.record", conditions, keeps, values=values)


def _is_wanted(wanted: RecordFilter, phrases: list[Phrase], record: Record) -> bool:
    """Return whether the record meets what the index does not know: who is who, and the order."""
    if wanted.user is not None and not is_about(record.delivery, wanted.user):
        return False
    in_order = [phrase for phrase in phrases if len(phrase.words) > 1]
    if not in_order:
        return True
    _, text, _ = indexed(record.kind.value, record.request.body)
    return all(phrase.is_in(text) for phrase in in_order)


def _look_for(
    connection: Connection,
    conditions: list[str],
    values: dict[str, Any],
    phrases: list[Phrase],
) -> None:
    """Add the conditions of words. An array is looked up by its numbers, whatever else there is."""
    rare: list[str] = []
    many = max(_MANY, _SHARE_OF_MANY * _expected(connection, "SELECT FROM okhook.word"))
    queries = [query for phrase in phrases for query in phrase.queries()]
    for number, query in enumerate(queries):
        values[f"word_{number}"] = query
        matches = f"words @@ :word_{number}::tsquery"
        hits = f"SELECT seq FROM okhook.word WHERE {matches}"  # noqa: S608 - a number
        if _expected(connection, hits, values) <= many:
            rare.append(hits)
        else:
            conditions.append(
                f"EXISTS (SELECT FROM okhook.word WHERE word.seq = record.seq AND {matches})"
            )
    if rare:
        conditions.append(f"record.seq = ANY(ARRAY({' INTERSECT '.join(rare)}))")


def _expected(connection: Connection, sql: str, values: dict[str, Any] | None = None) -> float:
    """Return how many rows PostgreSQL expects, by its statistics."""
    ((plan,),) = run(connection, f"EXPLAIN (FORMAT JSON) {sql}", **(values or {}))
    return float(plan[0]["Plan"]["Plan Rows"])


def _matching(connection: Connection, patterns: tuple[str, ...]) -> list[int]:
    known = event_types(connection).items()
    return [id_ for name, id_ in known if any(fnmatchcase(name, each) for each in patterns)]
