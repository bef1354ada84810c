"""What the event loop hands to the store's thread is written once, in order, and answered."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest
from anyio import to_thread

from okhook.errors import StoreEnded, StoreFailed
from okhook.store.contract import CommitCounters
from okhook.store.group_commit import GroupCommit, Waiting
from tests.support.okhook_process import PATIENCE_S
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class Written(GroupCommit[int]):
    """A store in memory. While it is held, a write waits in its thread."""

    def __init__(self) -> None:
        super().__init__("store", CommitCounters())
        self.groups: list[list[int]] = []
        self.between: list[bool] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def _commit(self, numbers: list[int]) -> list[int]:
        self.begun.set()
        assert self.go_on.wait(PATIENCE_S)
        self.groups.append(numbers)
        return [number * 2 for number in numbers]

    def _is_fault_of_all(self, error: Exception) -> bool:
        return isinstance(error, ConnectionError)

    def _fault(self, error: Exception) -> StoreFailed:
        return StoreFailed(str(error))

    def _between(self, group: list[Waiting[int]] | None) -> None:
        self.between.append(group is not None)

    def _patience_s(self) -> float:
        return PATIENCE_S

    def _size_bytes(self, number: int) -> int:
        return 1 << 20 if number < 0 else 1


@contextmanager
def committing(written: Written) -> Iterator[None]:
    """Run its thread during the block."""
    written.start()
    try:
        yield
    finally:
        written.go_on.set()
        written.take_no_more()
        written.close()


async def test_what_comes_during_a_write_is_the_next_group() -> None:
    """It shares one commit, and waits for no turn of the event loop."""
    written = Written()
    written.go_on.clear()
    with committing(written):
        first = written.put(1)
        await to_thread.run_sync(written.begun.wait, PATIENCE_S)
        others = [written.put(number) for number in (2, 3, 4)]
        written.go_on.set()
        assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert written.groups == [[1], [2, 3, 4]]


async def test_what_one_turn_of_the_loop_brings_is_one_group() -> None:
    """The thread is woken at the end of the turn."""
    written = Written()
    with committing(written):
        await asyncio.gather(*[written.put(number) for number in range(5)])
    assert written.groups == [[0, 1, 2, 3, 4]]


async def test_a_group_is_bounded_in_number_and_size() -> None:
    """A commit must not take too long, nor too much memory."""
    for numbers, sizes in ((range(300), [256, 44]), ([-1] * 20, [9, 9, 2])):
        written = Written()
        with committing(written):
            await asyncio.gather(*[written.put(number) for number in numbers])
        assert [len(group) for group in written.groups] == sizes


async def test_nothing_is_lost_however_the_threads_meet() -> None:
    """A number may come at the very moment when the thread finds nothing to write."""
    written = Written()
    with committing(written):

        async def put(numbers: range) -> None:
            for number in numbers:
                assert await written.put(number) == number * 2
                written.nudge()

        async with anyio.create_task_group() as tasks:
            for worker in range(4):
                tasks.start_soon(put, range(worker * 500, worker * 500 + 500))
    numbers = [number for group in written.groups for number in group]
    assert sorted(numbers) == list(range(2000))
    for worker in range(4):
        own = [number for number in numbers if number // 500 == worker]
        assert own == sorted(own)


async def test_what_waits_at_the_end_is_written() -> None:
    """The end refuses new numbers, and waits for those before it."""
    written = Written()
    with committing(written):
        last = written.put(7)
        written.take_no_more()
        with pytest.raises(StoreEnded):
            written.put(8)
        assert await last == 14


async def test_a_nudge_alone_calls_between() -> None:
    """Another process may have written."""
    written = Written()
    with committing(written):
        written.nudge()
        await until(lambda: written.between == [False])


async def test_nudges_during_a_write_are_one() -> None:
    """Under load each commit brings one: they must not pile up."""
    written = Written()
    written.go_on.clear()
    with committing(written):
        first = written.put(1)
        await to_thread.run_sync(written.begun.wait, PATIENCE_S)
        for _ in range(1000):
            written.nudge()
        written.go_on.set()
        await first
        await until(lambda: len(written.between) == 2)
    assert written.between == [True, False]


async def test_a_thread_that_fails_leaves_nothing_waiting() -> None:
    """Everything gets the error: what was being written, and what waited for it."""

    class Failing(Written):
        def _commit(self, numbers: list[int]) -> list[int]:
            super()._commit(numbers)
            raise SystemExit

    written = Failing()
    written.go_on.clear()
    with committing(written):
        first = written.put(1)
        await to_thread.run_sync(written.begun.wait, PATIENCE_S)
        second = written.put(2)
        written.go_on.set()
        results = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(result) for result in results] == [StoreEnded, StoreEnded]
        with pytest.raises(StoreEnded):
            written.put(3)


async def test_what_fails_because_of_one_is_committed_one_by_one() -> None:
    """One wrong number costs the others of its group nothing but time."""

    class WithoutTwo(Written):
        def _commit(self, numbers: list[int]) -> list[int]:
            if 2 in numbers:
                raise LookupError("2 is wrong")
            return super()._commit(numbers)

    written = WithoutTwo()
    with committing(written):
        puts = [written.put(number) for number in (1, 2, 3)]
        first, wrong, last = await asyncio.gather(*puts, return_exceptions=True)
        assert (first, last) == (2, 6)
        assert isinstance(wrong, StoreFailed)
        assert wrong.what == "2 is wrong"
    assert written.groups == [[1], [3]]
    commits = written.commits
    assert (sum(commits.duration_s.counts), commits.failed) == (2, 1)


async def test_what_fails_because_of_the_store_is_not_tried_again() -> None:
    """Each try would take as long as the first."""

    class Away(Written):
        def _commit(self, numbers: list[int]) -> list[int]:
            super()._commit(numbers)
            raise ConnectionError("the database is away")

    written = Away()
    with committing(written):
        puts = [written.put(number) for number in (1, 2, 3)]
        results = await asyncio.gather(*puts, return_exceptions=True)
        assert [type(result) for result in results] == [StoreFailed] * 3
    assert written.groups == [[1, 2, 3]]
