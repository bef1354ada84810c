"""The writer: an error in one part of a group does not affect the others, and no caller hangs."""

import sqlite3
from pathlib import Path

import anyio
import pytest

from okhook.errors import StoreFailed
from okhook.store.contract import CommitCounters
from okhook.store.receivers import rewrite_something
from okhook.store.sqlite.connection import connect
from okhook.store.sqlite.writer import Writer
from okhook.store.trouble import Trouble
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import post, stored

pytestmark = pytest.mark.anyio


def ignore(*_: object) -> None:
    """Ignore reports of deriving."""


async def started(path: Path) -> Writer:
    trouble = Trouble(went=ignore, came_back=ignore)
    return Writer(path, connect(path), trouble, CommitCounters(), ignore, None)


async def closed(writer: Writer) -> None:
    writer.take_no_more()
    await anyio.to_thread.run_sync(writer.close)


async def test_a_failed_act_does_not_affect_the_deliveries_of_its_group(tmp_path: Path) -> None:
    """Deliveries in the same commit are stored once; only the act gets the error."""
    path = tmp_path / "store.db"
    writer = await started(path)

    def wrong(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO no_such_table VALUES (1)")

    appended = [writer.put(stored(f"before-{n}")) for n in range(3)]
    failed = writer.put(wrong)
    appended += [writer.put(stored(f"after-{n}")) for n in range(3)]
    assert [await future for future in appended] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(StoreFailed, match="cannot be used"):
        await failed
    assert await writer.put(lambda c: c.execute("SELECT count(*) FROM record").fetchone()) == (6,)
    await closed(writer)


async def test_groups_of_any_size_get_their_numbers_in_order(tmp_path: Path) -> None:
    """Groups larger than one statement and larger than one commit keep their order."""
    writer = await started(tmp_path / "store.db")
    futures = [writer.put(stored(request=post(b"{}"))) for _ in range(1000)]
    assert [await future for future in futures] == list(range(1, 1001))
    await closed(writer)


async def test_everything_queued_before_the_end_is_written(tmp_path: Path) -> None:
    """A caller that waits for its commit gets it while the store closes."""
    writer = await started(tmp_path / "store.db")
    futures = [writer.put(stored(f"event-{n}")) for n in range(600)]
    await closed(writer)
    assert [await future for future in futures] == list(range(1, 601))


async def test_waiting_callers_fail_if_the_writer_dies(tmp_path: Path) -> None:
    """If the thread ends, waiting and later appends fail and do not hang."""
    writer = await started(tmp_path / "store.db")

    def die(connection: sqlite3.Connection) -> None:
        raise SystemExit

    dying = writer.put(die)
    with anyio.fail_after(PATIENCE_S), pytest.raises(StoreFailed, match="stopped writing"):
        await dying
    with pytest.raises(StoreFailed):
        await writer.put(stored())
    await anyio.to_thread.run_sync(writer.close)


async def test_a_store_that_cannot_be_written_fails_its_check(tmp_path: Path) -> None:
    """The check writes, as a delivery does: to a file that cannot be written it fails too."""
    writer = await started(tmp_path / "store.db")
    await writer.put(rewrite_something)
    await writer.put(lambda c: c.execute("PRAGMA query_only = 1"))
    for refused in (writer.put(rewrite_something), writer.put(stored("a"))):
        with pytest.raises(StoreFailed):
            await refused
    assert writer.commits.failed == 2
    await closed(writer)
