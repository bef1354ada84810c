"""Pruning removes the oldest records, with all that was derived, unless an app needs them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from okhook.quantities import Keep, KeepAge, KeepCount, KeepSize
from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState, Purpose
from okhook.records.record import RecordFilter
from okhook.store.contract import Latencies, PrunePlan, Store
from tests.store.contract.conftest import Place
from tests.support.records import NOON, delivery_body, event, post, stored

pytestmark = pytest.mark.anyio

APP = "http://127.0.0.1:3000/hook"


async def keep_ten(store: Store) -> None:
    """Store ten deliveries, an hour apart, the newest at noon."""
    for number in range(10):
        moment = NOON - timedelta(hours=9 - number)
        body = delivery_body(f"event-{number}", event(f"uuid-{number}"))
        await store.append(stored(request=post(body, received_at=moment)))
    await store.settled()


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    async with place.store() as store:
        await keep_ten(store)
        yield store


def planned(place: Place, keep: Keep) -> PrunePlan:
    with place.reader() as reader:
        assert reader.catch_up(lambda _: None) == 0
        return reader.plan_pruning(keep, now=NOON)


def prune(place: Place, keep: Keep, *, held_too: bool = False) -> int:
    plan = planned(place, keep)
    with place.reader() as reader:
        return sum(reader.prune(plan, held_too=held_too))


def kept(place: Place) -> list[int]:
    with place.reader() as reader:
        return [found.record.seq for found in reader.in_order(RecordFilter())]


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (KeepAge(timedelta(hours=3)), [7, 8, 9, 10]),
        (KeepCount(2), [9, 10]),
        (KeepCount(0), []),
        (KeepCount(10), list(range(1, 11))),
        (KeepSize(10**6), list(range(1, 11))),
        (KeepSize(0), []),
    ],
)
async def test_the_oldest_are_removed_by_age_count_and_size(
    store: Store, place: Place, keep: Keep, left: list[int]
) -> None:
    """The newest records stay, and the plan has the number of the others."""
    count = planned(place, keep).count
    assert count == 10 - len(left)
    assert prune(place, keep) == count
    assert kept(place) == left


async def test_a_size_keeps_as_many_as_fit(store: Store, place: Place) -> None:
    """The size of the three newest deliveries keeps these three."""
    size_bytes = planned(place, KeepCount(0)).size_bytes - planned(place, KeepCount(3)).size_bytes
    prune(place, KeepSize(size_bytes))
    assert kept(place) == [8, 9, 10]


async def test_pruning_removes_everything_derived(store: Store, place: Place) -> None:
    """No word, no id and no attempt of a pruned record can be found."""
    await settle(store, 1, ForwardState.DONE)
    prune(place, KeepCount(5))
    with place.reader() as reader:
        assert reader.identified("event-1") == []
        assert reader.attempts(1) == []
        words = RecordFilter(words=("jane",))
        assert [found.record.seq for found in reader.in_order(words)] == [6, 7, 8, 9, 10]


async def test_pruning_keeps_deliveries_not_forwarded_yet(place: Place) -> None:
    """Waiting, failed and not attempted deliveries stay."""
    async with place.store() as store:
        await store.open_target(APP)
        await keep_ten(store)
        await settle(store, 1, ForwardState.DONE)
        await settle(store, 2, ForwardState.FAILED)
        await settle(store, 3, ForwardState.WAITING)
        plan = planned(place, KeepCount(5))
        assert (plan.count, plan.held) == (1, 4)
        assert prune(place, KeepCount(5)) == 1
        assert kept(place) == list(range(2, 11))
        assert prune(place, KeepCount(5), held_too=True) == 4
        assert kept(place) == [6, 7, 8, 9, 10]


async def test_pruning_keeps_duplicates_not_forwarded_yet_field_01(place: Place) -> None:
    """They are forwarded like any other delivery, so they are kept for the app as well."""
    async with place.store() as store:
        await store.open_target(APP)
        for _ in range(2):
            await store.append(stored("event-1", "uuid-1"))
        await store.settled()
        await settle(store, 1, ForwardState.DONE)
        assert prune(place, KeepCount(0)) == 1
        assert kept(place) == [2]


async def test_a_pruned_store_stores_new_records(store: Store, place: Place) -> None:
    """No number is used twice, and a repetition of a pruned delivery is new."""
    prune(place, KeepCount(0))
    repeat = post(delivery_body("event-9", event("uuid-9")))
    assert await store.append(stored(request=repeat)) == 11
    await store.settled()
    (record,) = await store.after(0, 10)
    assert record.duplicate_of is None


async def settle(store: Store, seq: int, state: ForwardState) -> None:
    """Note an attempt of ``seq`` that ended in ``state``."""
    await store.open_target(APP)
    attempt = Attempt(seq, APP, Purpose.FORWARD, 1, NOON, 0.1, 200)
    next_at = NOON if state is ForwardState.WAITING else None
    await store.settle(attempt, Forward(seq, APP, state, 1, next_at), cursor=seq)


async def test_counters_follow_what_arrives_and_what_is_removed(store: Store, place: Place) -> None:
    """By hour, all records and each event type; a look at them reads no record."""
    await store.append(stored("same-hour", request=post(delivery_body("e", event(), event()))))
    await store.settled()
    assert planned(place, KeepCount(100)).count == 0
    since = NOON - timedelta(hours=2)
    with place.reader() as reader:
        counted = [(each.hour, each.event_type, each.count) for each in reader.arrivals(since)]
    hour = NOON.replace(minute=0, second=0, microsecond=0)
    create = "user.lifecycle.create"
    hours = [(hour - timedelta(hours=2), 1), (hour - timedelta(hours=1), 1), (hour, 2)]
    assert counted == [(at, name, count) for at, count in hours for name in (None, create)]
    prune(place, KeepCount(1))
    with place.reader() as reader:
        left = reader.arrivals(NOON - timedelta(days=1))
    assert [(each.hour, each.event_type, each.count) for each in left] == [
        (hour, None, 1),
        (hour, create, 1),
    ]


async def test_what_no_app_accepted_is_counted(store: Store, place: Place) -> None:
    """For each app: those not attempted yet, those that wait to be again, those given up."""
    await store.open_target("http://127.0.0.1:3001/other")
    await store.open_target(APP)
    states = [ForwardState.WAITING, ForwardState.FAILED, ForwardState.FAILED, ForwardState.DONE]
    for seq, state in enumerate(states, start=1):
        tried = Attempt(seq, APP, Purpose.FORWARD, 1, NOON, 0.1, 500)
        await store.settle(tried, Forward(seq, APP, state, 1), cursor=seq)
    with place.reader() as reader:
        counted = {target.url: backlog for target, backlog in reader.backlogs()}
    assert counted == {
        "http://127.0.0.1:3001/other": Backlog(0, 0, 0),
        APP: Backlog(0, waiting=1, failed=2),
    }


async def test_latencies_are_noted_and_removed_with_their_record(
    store: Store, place: Place
) -> None:
    """From reception to commit, for every record; to an answer, where an app accepted it."""
    now = datetime.now(UTC)
    seq = await store.append(stored("late", request=post(delivery_body("late"), received_at=now)))
    await store.settled()
    await store.open_target(APP)
    for number, status in enumerate((500, 200), start=1):
        began = now + timedelta(seconds=number)
        tried = Attempt(seq, APP, Purpose.FORWARD, number, began, 0.25, status)
        await store.settle(tried, Forward(seq, APP, ForwardState.DONE, number), cursor=seq)
    assert planned(place, KeepCount(100)).count == 0
    with place.reader() as reader:
        latencies = reader.latencies(1)
    (commit_s,) = latencies.commit_s
    assert 0 <= commit_s < 60
    assert latencies.forward_s == [2.25]
    prune(place, KeepCount(0))
    with place.reader() as reader:
        assert reader.latencies(10) == Latencies([], [])
