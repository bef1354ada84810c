"""The store: absent, sound, damaged, large, and short of room."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from okhook.doctor.check import Outcome
from okhook.doctor.checks_store import LITTLE_ROOM_BYTES, check_store, judged_store
from okhook.errors import StoreFailed
from okhook.store.contract import StoreHealth
from okhook.store.open import open_store, store_health
from tests.doctor.hooks import NOW
from tests.support.records import NOON, post, stored

pytestmark = pytest.mark.anyio

SOUND = StoreHealth(
    size_bytes=10 << 20,
    free_bytes=100 << 30,
    is_checked=True,
    damage=None,
    records=1000,
    recent=10,
)
PATH = Path("/state/store.db")


async def filled(path: Path, count: int) -> Path:
    async with open_store(path) as store:
        for number in range(count):
            request = post(b'{"n": "' + b"x" * 3000 + b'"}', received_at=NOON)
            await store.append(dataclasses.replace(stored(f"e{number}"), request=request))
        await store.settled()
    return path


async def test_a_store_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    """Nothing was received yet, and that is no fault."""
    found = await check_store(tmp_path / "store.db", within_s=1, now=NOW)
    assert found.outcome is Outcome.SKIPPED
    assert not (tmp_path / "store.db").exists()


async def test_an_empty_file_is_a_store_yet_to_be_made(tmp_path: Path) -> None:
    """A receiver makes one of it, so that there is nothing to mend."""
    path = tmp_path / "store.db"
    path.touch()
    assert (await check_store(path, within_s=1, now=NOW)).outcome is Outcome.SKIPPED


@pytest.mark.parametrize("begin", [Path.unlink, lambda path: path.write_bytes(b"")])
async def test_a_store_that_is_missing_beside_its_log_fails(
    tmp_path: Path, begin: Callable[[Path], object]
) -> None:
    """The log holds deliveries, and no receiver starts beside it."""
    path = tmp_path / "store.db"
    path.touch()
    begin(path)
    path.with_name("store.db-wal").write_bytes(b"deliveries")
    found = await check_store(path, within_s=1, now=NOW)
    assert found.outcome is Outcome.FAILED
    assert "store.db-wal" in found.detail
    with pytest.raises(StoreFailed, match="its log"):
        async with open_store(path):
            raise AssertionError


@pytest.mark.parametrize("below", ["store.db", "made/by/nobody/store.db"])
async def test_a_place_where_no_store_can_be_made_fails(tmp_path: Path, below: str) -> None:
    """A file stands where the state directory should be."""
    (tmp_path / "state").write_text("a file")
    path = tmp_path / "state" / below
    found = await check_store(path, within_s=1, now=NOW)
    assert found.outcome is Outcome.FAILED
    assert str(tmp_path / "state") in found.detail
    assert "OKHOOK_HOME" in (found.remedy or "")


async def test_a_directory_in_the_stores_place_fails(tmp_path: Path) -> None:
    """As a container makes one for a file that it cannot mount."""
    path = tmp_path / "store.db"
    path.mkdir()
    found = await check_store(path, within_s=1, now=NOW)
    assert found.outcome is Outcome.FAILED
    assert "is not a file" in found.detail


async def test_a_directory_that_may_not_be_used_fails_and_is_no_bug(tmp_path: Path) -> None:
    """Neither one that cannot be looked into, nor one that takes no file."""
    state = tmp_path / "state"
    state.mkdir()
    for mode in (0o000, 0o555):
        state.chmod(mode)
        if os.access(state, os.W_OK):
            pytest.skip("this user may do everything")
        try:
            found = await check_store(state / "store.db", within_s=1, now=NOW)
        finally:
            state.chmod(0o700)
        assert found.outcome is Outcome.FAILED
        assert str(state) in found.detail
        assert "OKHOOK_HOME" in (found.remedy or "")


async def test_a_sound_store_is_measured(tmp_path: Path) -> None:
    """Its records are counted, those of the last week apart."""
    path = await filled(tmp_path / "store.db", 3)
    health = store_health(path, within_s=5, now=NOON)
    assert health is not None
    assert (health.records, health.recent, health.damage, health.is_checked) == (3, 3, None, True)
    assert health.growth_bytes == health.size_bytes
    found = await check_store(path, within_s=5, now=NOON)
    assert found.outcome is Outcome.OK
    assert found.detail.startswith("3 records")


async def test_a_damaged_store_fails(tmp_path: Path) -> None:
    """Bytes overwritten in the middle of the file: found, and the file is left as it is."""
    path = await filled(tmp_path / "store.db", 60)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xee" * 20_000
    path.write_bytes(content)
    found = await check_store(path, within_s=5, now=NOON)
    assert found.outcome is Outcome.FAILED
    assert "is damaged" in found.detail
    assert path.read_bytes() == bytes(content)


async def test_a_file_that_is_no_store_fails(tmp_path: Path) -> None:
    """With the name of the file, and what can be done."""
    path = tmp_path / "store.db"
    path.write_text("this is no database, and long enough to be seen as none" * 10)
    found = await check_store(path, within_s=5, now=NOON)
    assert found.outcome is Outcome.FAILED
    assert str(path) in found.detail
    assert found.remedy


async def test_a_store_too_large_for_the_time_says_that_it_was_not_looked_through(
    tmp_path: Path,
) -> None:
    """No time at all is too little for any store with more than a few pages."""
    path = await filled(tmp_path / "store.db", 400)
    health = await anyio.to_thread.run_sync(lambda: store_health(path, within_s=-1, now=NOON))
    assert health is not None
    assert not health.is_checked
    found = judged_store(path, health)
    assert found.outcome is Outcome.OK
    assert "too large to be looked through" in found.detail


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.OK),
        ({"free_bytes": LITTLE_ROOM_BYTES - 1}, Outcome.WARNING),
        ({"size_bytes": 300 << 30, "recent": 900}, Outcome.WARNING),
        ({"damage": "row 3 missing from index"}, Outcome.FAILED),
        ({"records": None, "recent": None}, Outcome.OK),
    ],
)
def test_health_is_judged(changes: dict[str, object], outcome: Outcome) -> None:
    """Damage fails; little room, or less than another week like the last one takes, is told."""
    health = dataclasses.replace(SOUND, **changes)  # type: ignore[arg-type]
    found = judged_store(PATH, health)
    assert found.outcome is outcome
    assert (found.remedy is not None) == (outcome is not Outcome.OK)
