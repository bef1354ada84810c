"""What is next: first and second attempts, what an app that is down gets, and the cursor."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from okhook.forward.delivery_queue import DeliveryQueue, Due
from okhook.forward.retry import TargetState
from okhook.records.attempt import Attempt, Eligible, Forward, ForwardState, Purpose, Target
from tests.forward.rig import URL, MemoryLedger
from tests.support.records import NOON

pytestmark = pytest.mark.anyio


def down(*faults: tuple[int, str]) -> TargetState:
    """Return an app that is down after these deliveries found nobody."""
    state = TargetState()
    for seq, fault in faults:
        attempt = Attempt(seq, URL, Purpose.FORWARD, 1, NOON, 0.1, None, fault)
        state.learn(attempt, begun_in=state.phase, at=NOON, chance=0.0)
    return state


def queue_over(count: int, waiting_s: Sequence[float] = ()) -> tuple[MemoryLedger, DeliveryQueue]:
    """Return a queue in which the first deliveries wait, for so many seconds from noon."""
    ledger = MemoryLedger()
    ledger.add_many(count)
    for seq, wait_s in enumerate(waiting_s, start=1):
        due_at = NOON + timedelta(seconds=wait_s)
        ledger.forwards[URL, seq] = Forward(seq, URL, ForwardState.WAITING, 2, due_at)
    target = Target(URL, 0, len(waiting_s))
    ledger.targets[URL] = target
    return ledger, DeliveryQueue(ledger.store, target, duplicates=False)


async def taken(queue: DeliveryQueue, state: TargetState, at_s: float = 100.0) -> Due | None:
    await queue.look()
    return queue.take(NOON + timedelta(seconds=at_s), state)


async def test_a_retry_is_taken_when_it_is_due() -> None:
    """Until then, ``next_at`` is its time."""
    _, queue = queue_over(1, [60.0])
    assert await taken(queue, TargetState(), at_s=59.9) is None
    assert queue.next_at == NOON + timedelta(seconds=60)
    assert await taken(queue, TargetState(), at_s=60.0) == Due(1, 3)
    assert await taken(queue, TargetState()) is None
    assert queue.taken == 1


async def test_a_down_app_gets_retries_first() -> None:
    """Retries go before first attempts, so that they arrive first."""
    _, queue = queue_over(3, [20.0, 10.0])
    state = down((1, "no connection"))
    order = [await taken(queue, state) for _ in range(3)]
    assert order == [Due(2, 3), Due(1, 3), Due(3, 1)]


async def test_a_suspect_comes_last() -> None:
    """After other retries, even if it was due first, and after first attempts."""
    _, queue = queue_over(3, [10.0, 20.0])
    state = down((1, "timeout"))
    order = [await taken(queue, state) for _ in range(3)]
    assert order == [Due(2, 3), Due(3, 1), Due(1, 3)]


async def test_a_delivery_that_is_given_back_is_next_again() -> None:
    """Among its own kind, at its own place."""
    ledger, queue = queue_over(4, [10.0])
    up = TargetState()
    retry = await taken(queue, up)
    first = await taken(queue, up)
    assert (retry, first) == (Due(1, 3), Due(2, 1))
    assert queue.taken == 2
    queue.give_back(Due(2, 1))
    queue.give_back(Due(1, 3))
    assert queue.taken == 0
    order = [await taken(queue, up) for _ in range(4)]
    assert sorted(due.seq for due in order if due) == [1, 2, 3, 4]
    assert [due.seq for due in order if due and due.is_first] == [2, 3, 4]
    assert ledger.advances == []


async def test_the_cursor_stops_before_the_first_open_delivery() -> None:
    """Outcomes can come in any order."""
    _, queue = queue_over(4)
    up = TargetState()
    one, two, three = Due(1, 1), Due(2, 1), Due(3, 1)
    assert [await taken(queue, up) for _ in range(3)] == [one, two, three]
    done = Forward(2, URL, ForwardState.DONE, 1)
    assert queue.cursor(once_noted=two) == 0
    queue.put_back(two, done)
    assert queue.cursor(once_noted=one) == 2
    queue.put_back(one, done)
    assert queue.cursor(once_noted=three) == 3
    queue.leave_out(three)
    assert queue.cursor() == 3
    queue.noted(3)
    queue.noted(2)
    assert queue.noted_to == 3


async def test_a_delivery_that_arrives_during_a_read_is_found() -> None:
    """After the ledger looked, and before it answered."""

    class BusyLedger(MemoryLedger):
        async def eligible(
            self, url: str, after_seq: int, limit: int, *, duplicates: bool
        ) -> Eligible:
            found = await super().eligible(url, after_seq, limit, duplicates=duplicates)
            if not self.kept:
                self.add()
                queue.grew()
            return found

    ledger = BusyLedger()
    queue = DeliveryQueue(ledger.store, Target(URL, 0, 0), duplicates=False)
    assert await taken(queue, TargetState()) == Due(1, 1)


async def test_a_failure_during_a_read_is_found() -> None:
    """A delivery that failed after the ledger looked is known as waiting."""

    class BusyLedger(MemoryLedger):
        async def waiting(self, url: str, limit: int) -> list[Forward]:
            found = await super().waiting(url, limit)
            if queue.taken and not self.forwards:
                failed = Forward(1, url, ForwardState.WAITING, 1, NOON)
                self.forwards[url, 1] = failed
                queue.put_back(Due(1, 1), failed)
            return found

    ledger = BusyLedger()
    ledger.add()
    queue = DeliveryQueue(ledger.store, Target(URL, 0, 0), duplicates=False)
    assert await taken(queue, TargetState()) == Due(1, 1)
    queue.look_again()
    assert await taken(queue, TargetState()) == Due(1, 2)
