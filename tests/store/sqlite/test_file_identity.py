"""A store whose files were deleted or replaced stores nothing more, and says so."""

from pathlib import Path

import anyio
import pytest

from okhook.errors import StoreFailed
from okhook.store.open import open_store
from okhook.store.sqlite.connection import log_of
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import stored

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
        store.on_trouble(hear)
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
