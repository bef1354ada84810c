"""A store whose files were deleted or replaced stores nothing more, and says so."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from okhook.errors import StoreFailed
from okhook.quantities import KeepCount
from okhook.store.open import open_reader, open_store
from okhook.store.sqlite.connection import log_of
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import NOON, post, stored

pytestmark = pytest.mark.anyio

GONE = "was deleted or replaced"


async def test_a_deleted_file_is_noticed_at_the_next_record_field_04(tmp_path: Path) -> None:
    """It is not answered as stored; once the file is back, the store goes on."""
    path, aside = tmp_path / "store.db", tmp_path / "aside"
    async with open_store(path) as store:
        assert await store.append(stored("a")) == 1
        path.rename(aside)
        for _ in range(2):
            with pytest.raises(StoreFailed, match=GONE):
                await store.append(stored("b"))
        with pytest.raises(StoreFailed, match=GONE):
            await store.open_target("http://localhost:3000/hook")
        aside.rename(path)
        assert await store.append(stored("b")) == 2


async def test_an_emptied_file_is_noticed_field_04(tmp_path: Path) -> None:
    """It keeps its name and its number."""
    path = tmp_path / "store.db"
    async with open_store(path) as store:
        await store.append(stored("a"))
        path.write_bytes(b"")
        with pytest.raises(StoreFailed, match=GONE):
            await store.append(stored("b"))


BODY = b"x" * 20_000
MANY = 300
"""Records with this body fill the log several times: most are in the file itself."""


async def filled(path: Path, minutes: int) -> None:
    """Store deliveries that came since noon and some ``minutes``."""
    async with open_store(path) as store:
        for n in range(MANY):
            came = NOON + timedelta(minutes=minutes, milliseconds=n)
            await store.append(stored(request=post(BODY, received_at=came)))


@pytest.mark.parametrize("other", ["another store", "an older copy", "rubbish"])
async def test_a_file_that_is_written_over_is_noticed_field_04(tmp_path: Path, other: str) -> None:
    """It keeps its name and its number, as with ``cp``; once the right one is back, it goes on."""
    path, copied, kept = tmp_path / "store.db", tmp_path / "copied.db", tmp_path / "kept.db"
    if other == "another store":
        await filled(copied, 60)
    if other == "rubbish":
        copied.write_bytes(b"rubbish" * 1_000_000)
    await filled(path, 0)
    if other == "an older copy":
        shutil.copyfile(path, copied)
        await filled(path, 1)
    async with open_store(path) as store:
        first = await store.append(stored("c"))
        shutil.copyfile(path, kept)
        before = path.stat().st_ino
        shutil.copyfile(copied, path)
        assert path.stat().st_ino == before
        for _ in range(2):
            with pytest.raises(StoreFailed, match="another program wrote into the file"):
                await store.append(stored("d"))
        shutil.copyfile(kept, path)
        assert await store.append(stored("d")) == first + 1


async def test_what_okhook_itself_does_to_the_file_is_no_fault_field_04(tmp_path: Path) -> None:
    """Another process prunes the store, which empties the log, gives pages back and vacuums."""
    path = tmp_path / "store.db"
    await filled(path, 0)
    async with open_store(path) as store:
        await store.append(stored("b"))
        with open_reader(path) as other:
            assert sum(other.prune(other.plan_pruning(KeepCount(2), now=NOON), held_too=True)) > 0
        await store.append(stored("c"))
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM")
        await store.append(stored("d"))


async def test_a_new_store_in_its_place_is_left_alone_field_04(tmp_path: Path) -> None:
    """Closing the old one must not delete the log of the new one."""
    path = tmp_path / "store.db"
    async with open_store(path) as old:
        await old.append(stored("a"))
        path.unlink()
        log_of(path).unlink()
        path.with_name("store.db-shm").unlink()
        async with open_store(path) as new:
            assert await new.append(stored("b")) == 1
            with pytest.raises(StoreFailed, match=GONE):
                await old.append(stored("c"))
            await old.close()  # type: ignore[attr-defined]
            assert log_of(path).exists()
            assert await new.append(stored("d")) == 2


async def test_what_is_gone_is_said_once_without_any_record_field_04(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are looked at when nothing arrives, the log as well."""
    monkeypatch.setattr("okhook.store.sqlite.writer._LOOK_EVERY_S", 0.01)
    log, aside = log_of(tmp_path / "store.db"), tmp_path / "aside"
    said: list[str] = []
    heard = anyio.Event()

    def hear(error: StoreFailed) -> None:
        said.append(error.what)
        heard.set()

    async with open_store(tmp_path / "store.db") as store:
        store.on_trouble(hear, lambda: None)
        await store.append(stored("a"))
        for _ in range(2):
            heard = anyio.Event()
            log.rename(aside)
            with anyio.fail_after(PATIENCE_S):
                await heard.wait()
            with pytest.raises(StoreFailed, match=GONE):
                await store.append(stored("b"))
            aside.rename(log)
            await store.append(stored("c"))
    assert said == [f"the file {log} {GONE}"] * 2
