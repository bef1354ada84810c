"""A receiver put together: what it is sent is kept, told of, and forwarded."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import anyio
import httpx
import pytest

from okhook.activity import Published, StoreGrew, Warned
from okhook.forward.forwarder import ForwardConfig
from okhook.receiver.running import ReceiverConfig
from okhook.records.activities import Forwarded
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory
from okhook.serve.running import ServeConfig, opened_store, receiving
from tests.support.answering import answer, answering_server
from tests.support.records import delivery_body, stored

pytestmark = pytest.mark.anyio


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(20):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in other threads
            await anyio.sleep(0.01)


async def test_a_delivery_is_stored_published_and_forwarded(tmp_path: Path) -> None:
    """Also to an app that is new: it misses nothing that comes once the receiver runs."""
    seen: list[Published] = []
    with answering_server(lambda _: answer(204)) as app:
        config = ServeConfig(ReceiverConfig(port=0), ForwardConfig((app.url,)))
        async with (
            opened_store(tmp_path / "store.db", seen.append) as store,
            receiving(
                config,
                store=store,
                publish=seen.append,
                now=utc_now,
                run_directory=RunDirectory(tmp_path / "run"),
            ) as receiver,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            assert (await client.post(receiver.url, content=delivery_body())).status_code == 204
            await until(lambda: any(isinstance(each, Forwarded) for each in seen))
    assert [asked.body for asked in app.asked] == [delivery_body()]
    assert StoreGrew(1) in seen


async def test_an_error_of_the_store_is_published_as_a_warning(tmp_path: Path) -> None:
    """Deriving that fails holds up no delivery; a person reads what is wrong, and why."""
    seen: list[Published] = []
    path = tmp_path / "store.db"
    async with opened_store(path, seen.append) as store:
        with closing(sqlite3.connect(path)) as other:
            other.execute("DROP TABLE seen")
        assert await store.append(stored()) == 1
        await until(lambda: len(seen) > 0)
    (warned,) = seen
    assert isinstance(warned, Warned)
    assert f"the store {path} cannot be used: no such table" in warned.text
