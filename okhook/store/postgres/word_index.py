"""The index of words and event types, from which the search finds records."""

from collections.abc import Iterable

from okhook.store.postgres.connection import Connection
from okhook.store.postgres.full_text import vectors_of
from okhook.store.rows import text_of
from okhook.store.sql import stored_text


def index_words(connection: Connection, texts: Iterable[tuple[int, str]]) -> None:
    """Add the texts of records to the word index, by ``seq``."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO okhook.word (seq, words) VALUES (%s, %s::tsvector)",
            [(seq, part) for seq, text in texts for part in vectors_of(text)],
        )


def index_event_types(
    connection: Connection, event_types: Iterable[tuple[int, Iterable[str]]]
) -> None:
    """Note which records, by ``seq``, contain which event types."""
    pairs = [(stored_text(connection, name), seq) for seq, names in event_types for name in names]
    names = list({name for name, _ in pairs})
    connection.execute(
        "INSERT INTO okhook.event_type (name) SELECT name FROM unnest(%s::bytea[]) AS name"
        " WHERE NOT EXISTS (SELECT 1 FROM okhook.event_type AS known WHERE known.name = name.name)"
        " ON CONFLICT DO NOTHING",
        (names,),
    )
    connection.execute(
        "INSERT INTO okhook.occurrence (event_type_id, seq) SELECT id, found.seq"
        " FROM unnest(%s::bytea[], %s::bigint[]) AS found (name, seq)"
        " JOIN okhook.event_type USING (name) ON CONFLICT DO NOTHING",
        ([name for name, _ in pairs], [seq for _, seq in pairs]),
    )


def event_types(connection: Connection) -> dict[str, int]:
    """Return the ids of all event types that were ever indexed, by name."""
    found = connection.execute("SELECT name, id FROM okhook.event_type ORDER BY name", binary=True)
    return {text_of(name): id_ for name, id_ in found}
