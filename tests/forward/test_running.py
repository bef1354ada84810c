"""Forwarders over a real store and real sockets, and beside a store that grows."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from threading import Barrier, Event

import pytest

from okhook.activity import Activity, Warned
from okhook.errors import StoreFailed
from okhook.forward.forwarder import ForwardConfig
from okhook.forward.running import forwarding
from okhook.records.activities import (
    Backlogged,
    BacklogSkipped,
    Forwarded,
    TargetDown,
    WaitingElsewhere,
)
from okhook.records.attempt import Backlog
from okhook.runtime.ids import utc_now
from okhook.secret import HookAuth, Secret
from okhook.store.contract import Store
from okhook.store.open import open_store
from tests.forward.rig import MemoryLedger
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import delivery_body, event, post, stored
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def forwarding_from(
    path: Path, config: ForwardConfig, seen: list[Activity], auth: HookAuth | None = None
) -> AsyncIterator[Store]:
    """Forward from the store in ``path`` for as long as the block lasts."""
    async with (
        open_store(path) as store,
        forwarding(config, store=store, auth=auth, publish=seen.append, now=utc_now),
    ):
        yield store


async def keep(store: Store, *event_ids: str) -> list[bytes]:
    """Have deliveries stored and recognised, and return their bodies."""
    bodies = [delivery_body(event_id, event(event_id)) for event_id in event_ids]
    for event_id, body in zip(event_ids, bodies, strict=True):
        await store.append(stored(event_id, request=post(body)))
    await store.settled()
    return bodies


async def test_every_target_gets_every_delivery(tmp_path: Path) -> None:
    """In order, once even if it is named twice, with the secret, from now on."""
    auth = HookAuth("Authorization", Secret("s3cret"))
    seen: list[Activity] = []
    async with open_store(tmp_path / "store.db") as store:
        await keep(store, "before")
    with (
        answering_server(lambda _: answer(204)) as one,
        answering_server(lambda _: answer(200)) as other,
    ):
        config = ForwardConfig((one.url, other.url, one.url))
        async with forwarding_from(tmp_path / "store.db", config, seen, auth) as store:
            bodies = await keep(store, "a", "b", "a", "c")
            await until(lambda: len(seen) == 8)
    assert [asked.body for asked in one.asked] == bodies
    assert [asked.body for asked in other.asked] == bodies
    assert {asked.header("authorization") for asked in one.asked + other.asked} == {"s3cret"}
    assert {type(activity) for activity in seen} == {Forwarded}


async def test_a_restart_continues_where_it_stopped(tmp_path: Path) -> None:
    """The next run publishes the backlog, and sends it."""
    seen: list[Activity] = []
    with answering_server(lambda _: b"") as app:
        config = ForwardConfig((app.url,))
        async with forwarding_from(tmp_path / "store.db", config, seen) as store:
            bodies = await keep(store, "a", "b")
            await until(lambda: any(isinstance(told, TargetDown) for told in seen))
        seen.clear()
        app.asked.clear()
        app.answering = lambda _: answer(204)
        async with forwarding_from(tmp_path / "store.db", config, seen) as store:
            await until(lambda: len(seen) == 3)
            assert await store.backlog(app.url, duplicates=False) == Backlog(0, 0, 0)
    assert sorted(asked.body for asked in app.asked) == sorted(bodies)
    assert seen[0] == Backlogged(app.url, Backlog(1, 1, 0))


async def test_the_start_says_what_waits_elsewhere_field_03(tmp_path: Path) -> None:
    """A receiver whose name has changed is told where its deliveries wait."""
    config, seen = ForwardConfig(("http://127.0.0.1:9/",)), list[Activity]()
    async with open_store(tmp_path / "store.db", "one") as one:
        await one.open_target("http://127.0.0.1:9/")
        await keep(one, "a", "b")
    async with (
        open_store(tmp_path / "store.db", "two") as two,
        forwarding(config, store=two, auth=None, publish=seen.append, now=utc_now),
    ):
        pass
    assert seen == [WaitingElsewhere("http://127.0.0.1:9/", "one", 2)]


async def test_a_skipped_backlog_is_not_sent_field_03(tmp_path: Path) -> None:
    """The app gets what comes from then on, and the number that was skipped is published."""
    seen: list[Activity] = []
    with answering_server(lambda _: answer(204)) as app:
        async with open_store(tmp_path / "store.db") as store:
            await store.open_target(app.url)
            await keep(store, "a", "b")
        config = ForwardConfig((app.url,), skip_backlog=True)
        async with forwarding_from(tmp_path / "store.db", config, seen) as store:
            (body,) = await keep(store, "c")
            await until(lambda: any(isinstance(each, Forwarded) for each in seen))
    assert seen[0] == BacklogSkipped(app.url, 2)
    assert [asked.body for asked in app.asked] == [body]


async def test_one_of_several_with_one_name_forwards_field_03(tmp_path: Path) -> None:
    """They share their deliveries: the app gets each delivery once, and the next takes over."""
    seen: list[Activity] = []

    @asynccontextmanager
    async def receiver(url: str) -> AsyncIterator[Store]:
        async with (
            open_store(tmp_path / "store.db", "one") as store,
            forwarding(
                ForwardConfig((url,)),
                store=store,
                auth=None,
                publish=seen.append,
                now=utc_now,
            ),
        ):
            yield store

    with answering_server(lambda _: answer(204)) as app:
        async with receiver(app.url) as first:
            await first.settled()
            async with receiver(app.url) as second:
                bodies = await keep(second, "a", "b")
                bodies += await keep(first, "c")
                await until(lambda: len(app.asked) == 3)
                await until(lambda: sum(isinstance(each, Warned) for each in seen) == 1)
            async with receiver(app.url) as third:
                await until(lambda: sum(isinstance(each, Warned) for each in seen) == 2)
                bodies += await keep(third, "d")
                await until(lambda: len(app.asked) == 4)  # the first one notices it
    assert [asked.body for asked in app.asked] == bodies


async def test_an_app_that_hangs_does_not_delay_others(tmp_path: Path) -> None:
    """Each target has its own forwarder."""
    with (
        answering_server(lambda _: SILENCE) as hanging,
        answering_server(lambda _: answer(204)) as other,
    ):
        config = ForwardConfig((hanging.url, other.url))
        async with forwarding_from(tmp_path / "store.db", config, []) as store:
            await keep(store, *(f"event-{n}" for n in range(30)))
            await until(lambda: (len(hanging.asked), len(other.asked)) == (1, 30))


async def test_concurrency_is_per_target() -> None:
    """Two at a time to each of two apps are four at the same time."""
    barrier = Barrier(4, timeout=PATIENCE_S)

    def wait_for_the_others(_: Asked) -> bytes:
        barrier.wait()
        return answer(204)

    ledger, seen = MemoryLedger(), list[Activity]()
    with answering_server(wait_for_the_others) as one, answering_server(wait_for_the_others) as two:
        config = ForwardConfig((one.url, two.url), concurrency=2)
        async with forwarding(
            config, store=ledger.store, auth=None, publish=seen.append, now=utc_now
        ):
            last_seq = ledger.add_many(2)[-1]
            for told in ledger.grew:
                told(last_seq)
            await until(lambda: len(seen) == 4)
    assert all(isinstance(told, Forwarded) and told.attempt.accepted for told in seen)


async def test_a_store_that_fails_at_the_start_raises() -> None:
    """Before anything runs, so that the command ends with its exit code."""
    ledger = MemoryLedger()

    def fail(_: str) -> None:
        raise StoreFailed("it is full")

    ledger.fails = fail
    with pytest.raises(StoreFailed, match="it is full"):
        async with forwarding(
            ForwardConfig(("http://127.0.0.1:1/",)),
            store=ledger.store,
            auth=None,
            publish=lambda _: None,
            now=utc_now,
        ):
            pytest.fail("it runs")


def ending(
    store: Store, url: str, seen: list[Activity], *, grace_s: float
) -> AbstractAsyncContextManager[Callable[[], None]]:
    """Forward with so much time for the attempts that are under way at the end."""
    return forwarding(
        ForwardConfig((url,)),
        store=store,
        auth=None,
        publish=seen.append,
        now=utc_now,
        grace_s=lambda: grace_s,
    )


async def test_the_end_waits_for_attempts_under_way_and_begins_no_more(tmp_path: Path) -> None:
    """What the app answers meanwhile is noted, so that it does not get the delivery again."""
    asked, release = Event(), Event()

    def app(request: Asked) -> bytes:
        asked.set()
        release.wait(PATIENCE_S)
        return answer(204)

    seen: list[Activity] = []
    with answering_server(app) as target:
        async with open_store(tmp_path / "store.db") as store:
            async with ending(store, target.url, seen, grace_s=PATIENCE_S) as finish:
                await keep(store, "a", "b")
                await until(asked.is_set)
                finish()
                release.set()
            assert await store.backlog(target.url, duplicates=True) == Backlog(1, 0, 0)
        assert [type(activity) for activity in seen] == [Forwarded]
        assert len(target.asked) == 1


async def test_the_end_does_not_wait_long_for_an_app_that_hangs(tmp_path: Path) -> None:
    """The attempt is cut off, and made again the next time."""
    seen: list[Activity] = []
    with answering_server(lambda _: SILENCE) as target:
        async with open_store(tmp_path / "store.db") as store:
            async with ending(store, target.url, seen, grace_s=0.05):
                await keep(store, "a")
                await until(lambda: len(target.asked) == 1)
            assert await store.backlog(target.url, duplicates=True) == Backlog(1, 0, 0)
    assert seen == []
