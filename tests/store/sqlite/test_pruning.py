"""The SQLite file after pruning: the index is complete, and the disk space is freed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from okhook.quantities import KeepCount
from okhook.store.open import open_reader, open_store
from tests.support.records import NOON, delivery_body, event, post, stored

pytestmark = pytest.mark.anyio


async def test_a_pruned_file_is_valid_and_smaller(tmp_path: Path) -> None:
    """No id of a removed record remains, the word index is valid, and the file shrinks."""
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        for number in range(50):
            body = b" " * 50_000 + delivery_body(f"event-{number}", event(f"uuid-{number}"))
            await store.append(stored(request=post(body)))
    before = path.stat().st_size
    with open_reader(path) as reader:
        assert reader.catch_up(lambda _: None) == 0
        plan = reader.plan_pruning(KeepCount(5), now=NOON)
        assert sum(reader.prune(plan, held_too=False)) == 45
    assert path.stat().st_size < before / 4
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO word (word) VALUES ('integrity-check')")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (10,)
