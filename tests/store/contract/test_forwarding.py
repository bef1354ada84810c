"""The state of forwarding each delivery to each target is durable, and never goes back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from okhook.records.attempt import (
    Attempt,
    Backlog,
    Eligible,
    Forward,
    ForwardState,
    Purpose,
    Target,
)
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.store.contract import Store
from tests.store.contract.conftest import Place
from tests.support.records import NOON, get, stored

pytestmark = pytest.mark.anyio

APP, OTHER = "http://127.0.0.1:3000/", "http://127.0.0.1:4000/"


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    async with place.store() as store:
        yield store


async def receive(store: Store, *names: str) -> None:
    for name in names:
        await store.append(stored(name, f"uuid-{name}"))
    await store.settled()


def attempt(seq: int, number: int = 1, *, target: str = APP, status: int | None = 200) -> Attempt:
    return Attempt(
        seq=seq,
        target=target,
        purpose=Purpose.FORWARD,
        number=number,
        began_at=NOON + timedelta(seconds=number),
        duration_s=0.012345,
        status=status,
        fault=None if status else "timeout",
        reason=None if status else "no answer within 10 s",
        answer=b"\x00\xff" if status else b"",
        answer_type="text/plain" if status else None,
    )


async def test_a_new_target_starts_after_the_newest_record(store: Store) -> None:
    """A new app does not get old deliveries; opening it again changes nothing."""
    await receive(store, "a", "b")
    assert await store.open_target(APP) == Target(APP, since_seq=2, cursor=2)
    await receive(store, "c")
    assert await store.open_target(APP) == Target(APP, since_seq=2, cursor=2)
    assert await store.eligible(APP, 2, 10, duplicates=False) == Eligible((3,), 3)


async def test_only_deliveries_are_eligible_and_each_once(store: Store) -> None:
    """Canaries and refused requests are not forwarded; duplicates are if wanted."""
    await store.open_target(APP)
    await receive(store, "a", "a")
    for kind in (RecordKind.CANARY, RecordKind.REFUSED, RecordKind.VERIFICATION):
        await store.append(NewRecord(kind, get(), 200, None, AuthOutcome.NOT_ASKED))
    await receive(store, "b")
    assert await store.eligible(APP, 0, 10, duplicates=False) == Eligible((1, 6), 6)
    assert await store.eligible(APP, 0, 10, duplicates=True) == Eligible((1, 2, 6), 6)
    assert await store.eligible(APP, 0, 1, duplicates=False) == Eligible((1,), 1)
    assert await store.eligible(APP, 6, 10, duplicates=False) == Eligible((), 6)


async def test_an_attempted_delivery_is_not_eligible_again(store: Store) -> None:
    """After a crash the forwarder reads from its cursor again, and finds only the rest."""
    await store.open_target(APP)
    await store.open_target(OTHER)
    await receive(store, "a", "b", "c")
    await store.settle(attempt(2), Forward(2, APP, ForwardState.DONE, 1), cursor=0)
    assert (await store.eligible(APP, 0, 10, duplicates=False)).seqs == (1, 3)
    assert (await store.eligible(OTHER, 0, 10, duplicates=False)).seqs == (1, 2, 3)


async def test_attempts_and_states_come_back_equal(store: Store, place: Place) -> None:
    """They survive closing the store, and other processes can read them."""
    await store.open_target(APP)
    await receive(store, "a")
    next_at = NOON + timedelta(seconds=1, microseconds=1)
    waiting = Forward(1, APP, ForwardState.WAITING, 1, next_at)
    await store.settle(attempt(1, status=None), waiting, cursor=1)
    assert await store.waiting(APP, 10) == [waiting]
    with place.reader() as reader:
        assert reader.attempts(1) == [attempt(1, status=None)]
        assert reader.identified("1")[0].forwards == (waiting,)
    done = Forward(1, APP, ForwardState.DONE, 2)
    await store.settle(attempt(1, 2), done, cursor=1)
    assert await store.waiting(APP, 10) == []
    with place.reader() as reader:
        assert reader.attempts(1) == [attempt(1, status=None), attempt(1, 2)]
        assert reader.identified("1")[0].forwards == (done,)


async def test_a_done_forward_stays_done_and_a_cursor_never_moves_back(store: Store) -> None:
    """Two processes that send the same delivery cannot undo each other's success."""
    await store.open_target(APP)
    await receive(store, "a", "b")
    await store.settle(attempt(1), Forward(1, APP, ForwardState.DONE, 1), cursor=2)
    late = Forward(1, APP, ForwardState.WAITING, 2, NOON)
    await store.settle(attempt(1, 2, status=500), late, cursor=1)
    assert await store.waiting(APP, 10) == []
    assert (await store.open_target(APP)).cursor == 2
    await store.advance(APP, 1)
    assert (await store.open_target(APP)).cursor == 2


async def test_waiting_forwards_are_sorted_by_time(store: Store) -> None:
    """Retries are sorted by time, not by number."""
    await store.open_target(APP)
    await receive(store, "a", "b", "c")
    for seq, seconds in ((1, 30), (2, 1), (3, 5)):
        forward = Forward(seq, APP, ForwardState.WAITING, 1, NOON + timedelta(seconds=seconds))
        await store.settle(attempt(seq, status=500), forward, cursor=seq)
    assert [forward.seq for forward in await store.waiting(APP, 2)] == [2, 3]


async def test_the_backlog_counts_deliveries_not_accepted(store: Store) -> None:
    """It counts deliveries not attempted, waiting, and failed."""
    await store.open_target(APP)
    await receive(store, "a", "b", "c", "d", "d")
    await store.settle(attempt(1), Forward(1, APP, ForwardState.DONE, 1), cursor=1)
    await store.settle(attempt(2), Forward(2, APP, ForwardState.WAITING, 1, NOON), cursor=2)
    await store.settle(attempt(3), Forward(3, APP, ForwardState.FAILED, 1), cursor=3)
    assert await store.backlog(APP, duplicates=False) == Backlog(1, waiting=1, failed=1)
    assert await store.backlog(APP, duplicates=True) == Backlog(2, waiting=1, failed=1)


async def test_an_attempt_is_stored_once_however_often_it_is_noted(
    store: Store, place: Place
) -> None:
    """A caller that does not know whether a commit succeeded can repeat it."""
    await store.open_target(APP)
    await receive(store, "a")
    for _ in range(2):
        await store.settle(attempt(1), Forward(1, APP, ForwardState.DONE, 1), cursor=1)
    with place.reader() as reader:
        assert reader.attempts(1) == [attempt(1)]


async def test_records_that_were_tried_since_an_attempt(store: Store, place: Place) -> None:
    """A page that has seen an attempt learns what was sent to an app after it, each once."""
    await receive(store, "a", "b")
    await store.open_target(APP)
    with place.reader() as reader:
        assert reader.tried_after(0, 10) == (0, [])
        await store.note(attempt(1), None)
        seen, tried = reader.tried_after(0, 10)
        assert tried == [1]
        for number in (1, 2):
            await store.note(attempt(2, number), None)
        newest, tried = reader.tried_after(seen, 10)
        assert tried == [2]
        assert reader.tried_after(newest, 10) == (newest, [])


async def test_an_attempt_of_a_pruned_delivery_is_not_stored(store: Store) -> None:
    """An attempt that ends after its delivery was removed is not stored."""
    await store.open_target(APP)
    await store.settle(
        attempt(7, status=500), Forward(7, APP, ForwardState.WAITING, 1, NOON), cursor=0
    )
    assert await store.waiting(APP, 10) == []


async def test_a_replay_that_succeeds_settles_a_delivery(store: Store) -> None:
    """It changes the forward only if the app is a target."""
    await store.open_target(APP)
    await receive(store, "a")
    for target in (APP, OTHER):
        replayed = attempt(1, target=target)
        await store.note(replayed, Forward(1, target, ForwardState.DONE, 1))
    assert (await store.eligible(APP, 0, 10, duplicates=False)).seqs == ()
    assert (await store.eligible(OTHER, 0, 10, duplicates=False)).seqs == (1,)
