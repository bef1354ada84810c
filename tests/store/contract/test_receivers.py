"""Each receiver has records of its own in a store that several share."""

from datetime import timedelta

import anyio
import pytest

from okhook.quantities import KeepCount
from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState, Purpose
from okhook.records.record import RecordFilter
from okhook.store.contract import Store
from tests.store.contract.conftest import Place
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import NOON, stored

pytestmark = pytest.mark.anyio

APP, OTHER = "http://127.0.0.1:3000/", "http://127.0.0.1:4000/"


async def receive(store: Store, *names: str) -> None:
    for name in names:
        await store.append(stored(name, f"uuid-{name}"))
    await store.settled()


async def fail(store: Store, seq: int, state: ForwardState = ForwardState.WAITING) -> None:
    attempt = Attempt(seq, APP, Purpose.FORWARD, 1, NOON, 0.1, 503)
    next_at = NOON + timedelta(seconds=1) if state is ForwardState.WAITING else None
    await store.settle(attempt, Forward(seq, APP, state, 1, next_at), cursor=seq)


async def test_a_receiver_sees_its_own_records_field_03(place: Place) -> None:
    """Those of others are between them, and are neither read nor counted."""
    async with place.store("one") as one, place.store("two") as two:
        for name in "abc":
            await receive(one, name)
            await receive(two, f"other-{name}")
        records = await one.after(0, 10)
        assert [(record.seq, record.receiver) for record in records] == [
            (1, "one"), (3, "one"), (5, "one"),
        ]  # fmt: skip
        assert [record.seq for record in await one.after(1, 1)] == [3]
        assert [record.seq for record in await two.after(0, 10)] == [2, 4, 6]
        assert (await one.count_after(0), await one.count_after(3)) == (3, 1)
        assert (await one.before_newest(2), await one.before_newest(3)) == (1, 0)
        assert await one.last_seq() == 6


async def test_two_receivers_with_one_name_are_one_stream_field_03(place: Place) -> None:
    """Several machines that share a store, or a receiver after its restart."""
    async with place.store("one") as store:
        await receive(store, "a")
    async with place.store("one") as again:
        await receive(again, "a")
        assert [record.duplicate_of for record in await again.after(0, 10)] == [None, 1]


async def test_what_another_process_stored_is_noticed_field_03(place: Place) -> None:
    """So that its screen and its forwarder go on with it, though nothing came here."""
    grew = anyio.Event()
    async with place.store("one") as one, place.store("one") as other:
        await receive(one, "a")
        other.on_growth(lambda seq: grew.set() if seq == 2 else None)
        await receive(one, "b")
        with anyio.fail_after(PATIENCE_S):
            await grew.wait()
        assert [record.seq for record in await other.after(1, 10)] == [2]


async def test_the_same_event_at_two_receivers_is_no_duplicate_field_03(place: Place) -> None:
    """Two hooks may carry one event: each app needs it."""
    async with place.store("one") as one, place.store("two") as two:
        await receive(one, "a")
        await receive(two, "a", "a")
        assert [record.duplicate_of for record in await one.after(0, 10)] == [None]
        assert [record.duplicate_of for record in await two.after(0, 10)] == [None, 2]
    with place.reader() as reader:
        delivery = reader.identified("a")[0].record.delivery
        assert [reader.repeated_by(delivery, name) for name in ("one", "two", "new")] == [
            1, 2, None,
        ]  # fmt: skip


async def test_a_target_belongs_to_one_receiver_field_03(place: Place) -> None:
    """Its cursor, its retries and its backlog, even if two receivers forward to one app."""
    async with place.store("one") as one, place.store("two") as two:
        await one.open_target(APP)
        await two.open_target(APP)
        await receive(one, "a", "b")
        await receive(two, "c")
        await fail(one, 1)
        assert (await one.eligible(APP, 0, 10, duplicates=True)).seqs == (2,)
        assert (await two.eligible(APP, 0, 10, duplicates=True)).seqs == (3,)
        assert [forward.seq for forward in await one.waiting(APP, 10)] == [1]
        assert await two.waiting(APP, 10) == []
        assert await one.backlog(APP, duplicates=True) == Backlog(1, 1, 0)
        assert await two.backlog(APP, duplicates=True) == Backlog(1, 0, 0)
        await two.advance(APP, 3)
        assert (await one.open_target(APP)).cursor == 1
        assert (await two.open_target(APP)).cursor == 3


async def test_what_waits_under_other_names_is_counted_field_03(place: Place) -> None:
    """Only for the same app; the receiver's own backlog is none of it."""
    async with place.store("one") as one, place.store("two") as two:
        await one.open_target(APP)
        await one.open_target(OTHER)
        await receive(one, "a", "b")
        await fail(one, 1)
        await two.open_target(APP)
        await receive(two, "c")
        assert await two.backlogs_elsewhere(APP, duplicates=True) == {"one": Backlog(1, 1, 0)}
        assert await one.backlogs_elsewhere(APP, duplicates=True) == {"two": Backlog(1, 0, 0)}
        assert await one.backlogs_elsewhere(OTHER, duplicates=True) == {}


async def test_a_skipped_backlog_is_given_up_and_stays_field_03(place: Place) -> None:
    """Nothing of it is sent, what comes next is, and other receivers keep theirs."""
    async with place.store("one") as one, place.store("two") as two:
        for store in (one, two):
            await store.open_target(APP)
            await receive(store, "a", "b")
        await fail(one, 1)
        await one.skip_backlog(APP)
        assert await one.backlog(APP, duplicates=True) == Backlog(0, 0, failed=1)
        assert await one.waiting(APP, 10) == []
        await receive(one, "c")
        cursor = (await one.open_target(APP)).cursor
        assert (await one.eligible(APP, cursor, 10, duplicates=True)).seqs == (5,)
        assert await two.backlog(APP, duplicates=True) == Backlog(2, 0, 0)
    with place.reader() as reader:
        assert len(reader.find(RecordFilter(), limit=10)) == 5


async def test_a_filter_selects_a_receiver_field_03(place: Place) -> None:
    """Also with words; a name that nobody has selects nothing."""
    async with place.store("one") as one, place.store("two") as two:
        await receive(one, "a")
        await receive(two, "b", "c")
    with place.reader() as reader:
        reader.catch_up(lambda _: None)

        def found(name: str, *words: str) -> list[int]:
            wanted = RecordFilter(receiver=name, words=words)
            return [each.record.seq for each in reader.find(wanted, limit=10)]

        assert reader.receivers() == ["one", "two"]
        assert (found("one"), found("two"), found("three")) == ([1], [3, 2], [])
        assert (found("two", "jane"), found("one", "no-such")) == ([3, 2], [])


async def test_pruning_keeps_what_waits_at_a_receiver_field_03(place: Place) -> None:
    """The target of another receiver does not hold a record."""
    async with place.store("one") as one, place.store("two") as two:
        await one.open_target(APP)
        await receive(one, "a")
        await receive(two, "b")
    with place.reader() as reader:
        reader.catch_up(lambda _: None)
        plan = reader.plan_pruning(KeepCount(0), now=NOON)
        assert (plan.count, plan.held) == (1, 1)
