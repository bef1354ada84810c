"""What operators see of a store: its commits, its duplicates, and how far behind an app is."""

from collections.abc import AsyncIterator
from datetime import timedelta

import anyio
import pytest

from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.store.contract import Store
from tests.store.contract.conftest import Place
from tests.support.records import NOON, delivery_body, event, post, stored

pytestmark = pytest.mark.anyio

APP = "http://127.0.0.1:3000/"


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    async with place.store("one") as store:
        yield store


async def receive(store: Store, name: str, minute: int = 0) -> int:
    request = post(
        delivery_body(name, event(f"uuid-{name}")), received_at=NOON + timedelta(minutes=minute)
    )
    return await store.append(stored(request=request))


async def settle(store: Store, seq: int, state: ForwardState) -> None:
    attempt = Attempt(seq, APP, Purpose.FORWARD, 1, NOON, 0.1, 204)
    next_at = NOON if state is ForwardState.WAITING else None
    await store.settle(attempt, Forward(seq, APP, state, 1, next_at), cursor=seq)


async def test_commits_are_counted_with_their_time(store: Store) -> None:
    """Each commit counts once, whatever it holds, and none took longer than the test."""
    before = sum(store.commits.duration_s.counts)
    await receive(store, "a")
    await store.open_target(APP)
    assert sum(store.commits.duration_s.counts) == before + 2
    assert 0 < store.commits.duration_s.total_s < 60
    assert store.commits.failed == 0


async def test_looking_whether_records_can_be_stored_changes_nothing(store: Store) -> None:
    """It is a commit like any other, and no record."""
    await receive(store, "a")
    await store.settled()
    commits = sum(store.commits.duration_s.counts)
    await store.check_writable()
    assert sum(store.commits.duration_s.counts) == commits + 1
    assert await store.last_seq() == 1
    assert [record.seq for record in await store.after(0, 10)] == [1]


async def test_duplicates_are_counted_from_any_point(store: Store, place: Place) -> None:
    """Only the receiver's own count, and only those that were checked."""
    async with place.store("two") as other:
        for name in ("a", "a"):
            await receive(other, name)
        await other.settled()
    for name in ("a", "b", "a", "a"):
        await receive(store, name)
    await store.settled()
    assert await store.duplicates_after(0) == (6, 2)
    assert await store.duplicates_after(5) == (6, 1)
    assert await store.duplicates_after(6) == (6, 0)


async def test_the_oldest_unsent_delivery_is_pending_or_waits_for_a_retry(store: Store) -> None:
    """What the app accepted, and what was given up, does not count."""
    await store.open_target(APP)
    assert await store.oldest_unsent(APP, duplicates=True) is None
    first, second = await receive(store, "a", 1), await receive(store, "b", 2)
    await store.settled()
    assert await store.oldest_unsent(APP, duplicates=True) == NOON + timedelta(minutes=1)
    await settle(store, first, ForwardState.WAITING)
    assert await store.oldest_unsent(APP, duplicates=True) == NOON + timedelta(minutes=1)
    await settle(store, first, ForwardState.FAILED)
    assert await store.oldest_unsent(APP, duplicates=True) == NOON + timedelta(minutes=2)
    await settle(store, second, ForwardState.DONE)
    assert await store.oldest_unsent(APP, duplicates=True) is None


async def test_a_duplicate_is_not_unsent_where_duplicates_are_left_out(store: Store) -> None:
    """As in the backlog."""
    await store.open_target(APP)
    first = await receive(store, "a", 1)
    await receive(store, "a", 2)
    await store.settled()
    await settle(store, first, ForwardState.DONE)
    assert await store.oldest_unsent(APP, duplicates=False) is None
    assert await store.oldest_unsent(APP, duplicates=True) == NOON + timedelta(minutes=2)


def test_what_arrives_while_a_reader_catches_up_is_not_missing(place: Place) -> None:
    """A copy of a busy receiver's store begins with what was there, and does not chase the rest."""

    async def receive_more(count: int) -> None:
        async with place.store("one") as store, anyio.create_task_group() as tasks:
            for number in range(count):
                tasks.start_soon(receive, store, f"{count}-{number}")

    reported: list[int] = []

    def receive_one_more(left: int) -> None:
        reported.append(left)
        anyio.run(receive_more, len(reported))

    anyio.run(receive_more, 150)
    with place.reader() as reader:
        assert reader.catch_up(receive_one_more) == 0
    assert reported
