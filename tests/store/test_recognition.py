"""Recognition by hash: the hash only points; the bytes decide."""

from pathlib import Path

import pytest

from okhook.store import recognition
from okhook.store.reading import open_reader
from okhook.store.sqlite import open_store
from tests.support.records import stored

pytestmark = pytest.mark.anyio


async def test_ids_with_one_hash_are_not_taken_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were every id's hash the same, duplicates would still be found, and nothing else."""
    monkeypatch.setattr(recognition, "hash_of", lambda key: 7)
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        for event_id, uuid in (("a", "1"), ("b", "2"), ("a", "3"), ("c", "2"), ("1", "4")):
            await store.append(stored(event_id, uuid))
        await store.settled()
        records = await store.after(0, 10)
    assert [record.duplicate_of for record in records] == [None, None, 1, 2, None]
    with open_reader(path) as reader:
        assert [found.record.seq for found in reader.identified("a")] == [1, 3]
        assert [found.record.seq for found in reader.identified("2")] == [2, 4]


async def test_a_number_names_a_record_where_no_id_is_that_number(tmp_path: Path) -> None:
    """Ids go first, so that an org's own ids are never hidden by our numbers."""
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        for event_id in ("x", "1", "y"):
            await store.append(stored(event_id, f"uuid-{event_id}"))
        await store.settled()
    with open_reader(path) as reader:
        assert [found.record.seq for found in reader.identified("1")] == [2]
        assert [found.record.seq for found in reader.identified("3")] == [3]
        for nothing in ("4", "0", "-1", "²", "", "9" * 40):
            assert reader.identified(nothing) == []
