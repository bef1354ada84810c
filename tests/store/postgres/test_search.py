"""Words in PostgreSQL's index: every one is found, also the rare ones and those of a huge body."""

import json

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.records.record import RecordFilter
from okhook.store.contract import Reader
from okhook.store.postgres.connection import connect
from okhook.store.postgres.full_text import words_of
from okhook.store.postgres.reader import postgres_reader
from okhook.store.postgres.store import postgres_store
from tests.store.contract.conftest import keep_all
from tests.support.postgres import Cluster
from tests.support.records import delivery_body, event, post, stored

pytestmark = pytest.mark.postgres


def keep(url: str, bodies: list[bytes]) -> None:
    async def kept() -> None:
        async with postgres_store(url, "ci") as store:
            await keep_all(store, [stored(request=post(body)) for body in bodies])

    anyio.run(kept)


def named(name: str, number: int = 1) -> bytes:
    entry = event(f"uuid-{number}")
    entry["target"][0]["displayName"] = name
    return delivery_body(f"event-{number}", entry)


def found(reader: Reader, *words: str) -> list[int]:
    return [each.record.seq for each in reader.find(RecordFilter(words=words), limit=10)]


@settings(max_examples=15, deadline=None)
@given(name=st.text(max_size=40))
def test_every_word_of_any_text_is_found(postgres_cluster: Cluster, name: str) -> None:
    """Whatever letters it has: PostgreSQL keeps and looks up each word as okhook cuts it."""
    with postgres_cluster.database() as url:
        keep(url, [named(name)])
        with postgres_reader(url) as reader:
            reader.catch_up(lambda _: None)
            for word in words_of(name):
                assert found(reader, word) == [1]
            if words_of(name):
                assert found(reader, name) == [1]


def test_words_of_a_body_that_one_index_entry_cannot_hold(postgres_url: str) -> None:
    """Its words are in several entries, and a search for two of them finds it once."""
    words = [f"{number:0190d}" for number in range(8_000)]
    body = json.loads(delivery_body("event-1", event("uuid-1")))
    body["data"]["more"] = words
    keep(postgres_url, [json.dumps(body).encode(), named("other", 2)])
    with postgres_reader(postgres_url) as reader:
        reader.catch_up(lambda _: None)
        assert found(reader, words[0], words[-1]) == [1]
        assert found(reader, f"{words[0]} {words[1]}") == [1]
        assert found(reader, f"{words[1]} {words[0]}") == []
        assert found(reader, "jane", words[4000]) == [1]


@pytest.mark.parametrize("is_analysed", [False, True])
def test_rare_and_common_words_find_the_same_whatever_is_expected(
    postgres_url: str, *, is_analysed: bool
) -> None:
    """How they are looked up depends on statistics, and what they find does not."""
    keep(postgres_url, [named(f"common rare{number}", number) for number in range(1500)])
    with postgres_reader(postgres_url) as reader:
        reader.catch_up(lambda _: None)
        if is_analysed:
            with connect(postgres_url) as connection:
                connection.execute("ANALYZE")
        (seq,) = found(reader, "rare700")
        assert found(reader, "common", "rare700") == [seq]
        assert found(reader, "common rare700") == [seq]
        assert len(found(reader, "common")) == 10
        assert found(reader, "common", "rare700", "rare701") == []
