"""The writer: what one part of a group does wrong is not the others' fault, and nobody hangs."""

import sqlite3
from pathlib import Path

import anyio
import pytest

from okhook.errors import StoreFailed
from okhook.store.sqlite.connection import connect
from okhook.store.sqlite.writer import Writer
from tests.support.records import post, stored

pytestmark = pytest.mark.anyio


def ignore(_: object) -> None:
    """Take no interest in how deriving goes."""


async def started(path: Path) -> Writer:
    return Writer(path, connect(path), grown=ignore, troubled=ignore)


async def closed(writer: Writer) -> None:
    writer.take_no_more()
    await anyio.to_thread.run_sync(writer.close)


async def test_an_act_that_fails_takes_no_delivery_with_it(tmp_path: Path) -> None:
    """Deliveries that share its commit are kept, each once; the act alone learns of its fault."""
    path = tmp_path / "store.db"
    writer = await started(path)

    def wrong(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO no_such_table VALUES (1)")

    appended = [writer.append(stored(f"before-{n}")) for n in range(3)]
    failed = writer.act(wrong)
    appended += [writer.append(stored(f"after-{n}")) for n in range(3)]
    assert [await future for future in appended] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(StoreFailed, match="cannot be used"):
        await failed
    assert await writer.act(lambda c: c.execute("SELECT count(*) FROM record").fetchone()) == (6,)
    await closed(writer)


async def test_groups_of_any_size_get_their_numbers_in_order(tmp_path: Path) -> None:
    """More than a statement takes, and more than a commit takes."""
    writer = await started(tmp_path / "store.db")
    futures = [writer.append(stored(request=post(b"{}"))) for _ in range(1000)]
    assert [await future for future in futures] == list(range(1, 1001))
    await closed(writer)


async def test_what_was_put_before_the_end_is_written(tmp_path: Path) -> None:
    """An answer that waits for its commit gets it, also while the store closes."""
    writer = await started(tmp_path / "store.db")
    futures = [writer.append(stored(f"event-{n}")) for n in range(600)]
    await closed(writer)
    assert [await future for future in futures] == list(range(1, 601))


async def test_a_writer_that_dies_leaves_nobody_waiting(tmp_path: Path) -> None:
    """Whatever ends the thread, appends fail from then on and do not hang."""
    writer = await started(tmp_path / "store.db")

    def die(connection: sqlite3.Connection) -> None:
        raise SystemExit

    dying = writer.act(die)
    with anyio.fail_after(10), pytest.raises(StoreFailed, match="stopped writing"):
        await dying
    with pytest.raises(StoreFailed):
        await writer.append(stored())
    await anyio.to_thread.run_sync(writer.close)
