"""The stream says what changed since the page last looked, and ends when it is told to."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from okhook.activity import StoreGrew
from okhook.config.store_location import DatabaseUrl
from okhook.inspector import stream
from okhook.inspector.stream import frames
from okhook.runtime.hub import Subscription
from okhook.secret import Secret
from okhook.store.contract import Reader
from okhook.store.open import open_reader, open_store
from tests.inspector.conftest import page_over
from tests.support.found import attempt, forward
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import stored

pytestmark = pytest.mark.anyio


def read(frame: bytes) -> tuple[int, str, Any]:
    id_, event, data = frame.decode().removesuffix("\n\n").split("\n")
    return int(id_[4:]), event[7:], json.loads(data[6:])


async def next_of(reader: Reader, seq: int | None, count: int) -> list[tuple[int, str, Any]]:
    """Return the first frames of a stream."""
    read_frames = []
    with anyio.fail_after(PATIENCE_S):
        async for frame in frames(reader, seq, anyio.Event(), Subscription(1)):
            read_frames.append(read(frame))
            if len(read_frames) == count:
                break
    return read_frames


async def test_a_page_that_slept_reads_on(tmp_path: Path) -> None:
    """It names the last number that it saw, and gets what came after that."""
    async with open_store(tmp_path / "store.db") as store:
        for name in ("a", "b", "c"):
            await store.append(stored(name, f"uuid-{name}"))
        await store.settled()
        with open_reader(tmp_path / "store.db") as reader:
            hello, records = await next_of(reader, 1, 2)
    assert hello == (1, "hello", {"seq": 1})
    assert records[:2] == (3, "records")
    assert [each["seq"] for each in records[2]] == [2, 3]


async def test_what_the_receiver_tells_is_on_the_page_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not wait until the stream looks at the store by itself."""
    monkeypatch.setattr(stream, "LOOK_S", 3600)
    news = Subscription(1)
    async with open_store(tmp_path / "store.db") as store:
        with open_reader(tmp_path / "store.db") as reader, anyio.fail_after(PATIENCE_S):
            streaming = frames(reader, None, anyio.Event(), news)
            assert read(await anext(streaming))[1] == "hello"
            store.on_growth(lambda seq: news.offer(StoreGrew(seq)))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(store.append, stored("a", "uuid-a"))
                seq, event, _ = read(await anext(streaming))
    assert (seq, event) == (1, "records")


async def test_an_attempt_shows_an_older_record_again(tmp_path: Path) -> None:
    """A record that is sent to an app changes on the page, however old it is."""
    async with open_store(tmp_path / "store.db") as store:
        await store.open_target(attempt(1, 200, seq=1).target)
        for name in ("a", "b"):
            await store.append(stored(name, f"uuid-{name}"))
        await store.settled()
        with open_reader(tmp_path / "store.db") as reader:
            streaming = frames(reader, None, anyio.Event(), Subscription(1))
            assert read(await anext(streaming))[1] == "hello"
            await store.settle(attempt(1, 200, seq=1), forward(1), cursor=1)
            with anyio.fail_after(PATIENCE_S):
                seq, event, (record,) = read(await anext(streaming))
    assert (seq, event, record["seq"]) == (2, "records", 1)
    assert record["status"] == "forwarded"


async def test_a_page_that_is_far_behind_is_told_to_read_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page missed is never sent record by record, so a slow page holds up nothing."""
    monkeypatch.setattr(stream, "_MOST", 2)
    async with open_store(tmp_path / "store.db") as store:
        for name in ("a", "b", "c"):
            await store.append(stored(name, f"uuid-{name}"))
        await store.settled()
        with open_reader(tmp_path / "store.db") as reader:
            _, behind = await next_of(reader, 0, 2)
    assert behind == (3, "behind", {"seq": 3})


async def test_the_stream_ends_when_the_inspector_ends(tmp_path: Path) -> None:
    """An open page must not hold up Ctrl-C."""
    ending = anyio.Event()
    async with open_store(tmp_path / "store.db"):
        with open_reader(tmp_path / "store.db") as reader, anyio.fail_after(PATIENCE_S):
            streaming = frames(reader, None, ending, Subscription(1))
            assert read(await anext(streaming))[1] == "hello"
            ending.set()
            assert [frame async for frame in streaming] == []


async def test_a_page_of_a_store_that_is_gone_reads_the_new_one(tmp_path: Path) -> None:
    """Numbers begin at 1 again, and the page has seen higher ones."""
    async with open_store(tmp_path / "store.db") as store:
        await store.append(stored("a", "uuid-a"))
    with open_reader(tmp_path / "store.db") as reader:
        _, (seq, event, _) = await next_of(reader, 999, 2)
    assert (seq, event) == (1, "behind")


async def test_a_stream_ends_when_the_store_goes_away(tmp_path: Path) -> None:
    """The browser asks again, and the receiver's terminal shows no traceback."""
    away = DatabaseUrl(Secret("postgresql://127.0.0.1:1/okhook"))
    async with page_over(away, tmp_path) as page:
        answer = await page.get("api/stream")
        assert (answer.status_code, answer.content) == (200, b"")
        refused = await page.get("api/records")
    assert refused.json()["what"].endswith("cannot be reached")
