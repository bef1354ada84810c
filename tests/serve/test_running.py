"""A receiver put together: what it is sent is kept, told of, and forwarded."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from okhook.activity import Published, StoreGrew, Warned
from okhook.errors import StoreFull
from okhook.forward.forwarder import ForwardConfig
from okhook.receiver.running import ReceiverConfig
from okhook.records.activities import Forwarded, TargetDown
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun, RunDirectory
from okhook.serve import running
from okhook.serve.running import ServeConfig, opened_store, receiving, refuse_until_it_opens
from tests.support.answering import answer, answering_server
from tests.support.ports import free_port
from tests.support.records import delivery_body, stored
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


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


async def test_an_app_that_does_not_answer_stands_in_the_run_file(tmp_path: Path) -> None:
    """For the inspector, which may run elsewhere."""
    seen: list[Published] = []
    runs = RunDirectory(tmp_path / "run")
    app = f"http://127.0.0.1:{free_port()}/"
    config = ServeConfig(ReceiverConfig(port=0), ForwardConfig((app,)))
    async with (
        opened_store(tmp_path / "store.db", seen.append) as store,
        receiving(
            config, store=store, publish=seen.append, now=utc_now, run_directory=runs
        ) as receiver,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        await client.post(receiver.url, content=delivery_body())
        await until(lambda: any(isinstance(each, TargetDown) for each in seen))
        (run,) = runs.running(ReceiverRun)
    assert [each.url for each in run.down] == [app]


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


async def test_without_room_every_request_is_answered_503_field_04(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until there is room; then the port is free for the receiver."""
    full, found, seen = StoreFull("the store cannot grow", why="full"), [True], list[Published]()

    async def fault_of_opening(_: Path) -> StoreFull | None:
        return full if found[-1] else None

    monkeypatch.setattr(running, "_fault_of_opening", fault_of_opening)
    monkeypatch.setattr(running, "_LOOK_EVERY_S", 0.01)
    configs: list[ReceiverConfig] = []
    counters = ServiceCounters()

    async def refuse() -> None:
        config = ReceiverConfig(port=0, name="mine")
        path = tmp_path / "store.db"
        configs.append(
            await refuse_until_it_opens(
                path, full, config, publish=seen.append, now=utc_now, counters=counters
            )
        )

    async with anyio.create_task_group() as tasks, httpx.AsyncClient(trust_env=False) as client:
        tasks.start_soon(refuse)
        await until(lambda: len(seen) > 0)
        (warned,) = (each for each in seen if isinstance(each, Warned))
        (url,) = re.findall(r"(http://\S+) returns 503 until there is disk space", warned.text)
        answers = [await client.post(url, content=delivery_body()), await client.get(url)]
        assert [answer.status_code for answer in answers] == [503, 503]
        assert counters.answers == {503: 2}
        found.append(False)
    assert configs == [ReceiverConfig(port=urlsplit(url).port or 0, name="mine")]
