"""The forwarder in virtual time: order, second attempts, the queue, leftovers, a failing store."""

from datetime import timedelta

import anyio
import pytest

from okhook.activity import Warned
from okhook.forward.forwarder import LONGEST_REST_S, ForwardConfig
from okhook.records.activities import Backlogged, Forwarded
from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState
from okhook.records.record import RecordKind
from okhook.store.contract import Lease
from tests.forward.rig import (
    TAKEN,
    URL,
    App,
    Asked,
    MemoryLedger,
    Said,
    answers,
    down_until,
    failing,
    names,
    play,
    scripted,
)
from tests.forward.virtual_time import VirtualTimeLoop, virtual_now

pytestmark = pytest.mark.anyio

DONE, WAITING, FAILED = ForwardState.DONE, ForwardState.WAITING, ForwardState.FAILED
A_LONG_TIME_S = 10_000.0


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


async def test_deliveries_are_sent_one_by_one_in_order() -> None:
    """The app gets each body. The outcome is stored before it is published."""
    ledger, app = MemoryLedger(page=2), App()
    seqs = ledger.add_many(5)
    async with play(ledger, app) as on:
        await anyio.sleep(0.5)
    assert app.seqs == seqs
    assert app.bodies == [ledger.kept[seq].request.body for seq in seqs]
    assert (app.peak, set(app.times_s)) == (1, {0.0})
    assert ledger.states(seqs) == [DONE] * 5
    assert ledger.targets[URL].cursor == 5
    assert [told.attempt for told in on.of(Forwarded)] == ledger.attempts


class SlowToSettle(MemoryLedger):
    """Takes ten seconds to store an outcome."""

    async def settle(
        self, attempt: Attempt, forward: Forward, *, cursor: int, lease: Lease | None = None
    ) -> None:
        await anyio.sleep(10.0)
        await super().settle(attempt, forward, cursor=cursor, lease=lease)


async def test_a_slow_store_does_not_hold_up_the_next_delivery() -> None:
    """Four outcomes are stored at once; but no more, as a crash would send them again."""
    ledger, app = SlowToSettle(), App()
    seqs = ledger.add_many(7)
    async with play(ledger, app):
        await anyio.sleep(40.0)
    assert app.seqs == seqs
    assert app.times_s == [0.0] * 5 + [10.0] * 2
    assert ledger.states(seqs) == [DONE] * 7
    assert ledger.targets[URL].cursor == 7


async def test_a_new_delivery_is_sent_at_once() -> None:
    """A forwarder that was woken loses no time, even after a long rest."""
    ledger, app = MemoryLedger(), App()
    async with play(ledger, app) as on:
        await anyio.sleep(1000.25)
        on.arrive()
        await anyio.sleep(0.5)
        on.arrive(2)
        await anyio.sleep(0.5)
    assert app.times_s == [1000.25, 1000.75, 1000.75]
    assert names(on.seen) == ["Forwarded"] * 3


async def test_a_delivery_stored_by_another_process_is_found() -> None:
    """Without a wake-up, the next look finds it."""
    ledger, app = MemoryLedger(), App()
    async with play(ledger, app):
        await anyio.sleep(100.0)
        ledger.add()
        await anyio.sleep(LONGEST_REST_S + 0.001)
    assert app.seqs == [1]


async def test_a_delivery_sent_by_another_process_is_not_sent_again() -> None:
    """A replay by another process counts while the app is down."""
    ledger, app = MemoryLedger(), down_until(40.0)
    first, second, third = ledger.add_many(3)
    async with play(ledger, app) as on:
        await anyio.sleep(30.0)
        waiting = ledger.forwards[URL, first]
        ledger.forwards[URL, second] = type(waiting)(second, URL, DONE, 1)
        await anyio.sleep(60.0)
        on.arrive()
        await anyio.sleep(0.1)
    assert set(app.seqs) == {first, third, 4}


async def test_only_deliveries_are_forwarded_field_01() -> None:
    """Canaries, verifications and refused requests are not; duplicates are unless unwanted."""
    assert ForwardConfig().duplicates
    for duplicates, forwarded in ((False, [1, 7]), (True, [1, 5, 7])):
        ledger, app = MemoryLedger(), App()
        ledger.add()
        for kind in (RecordKind.CANARY, RecordKind.VERIFICATION, RecordKind.REFUSED):
            ledger.add(kind)
        ledger.add(duplicate_of=1)
        ledger.add(RecordKind.MALFORMED)
        ledger.add()
        async with play(ledger, app, ForwardConfig(duplicates=duplicates)):
            await anyio.sleep(0.5)
        assert app.seqs == forwarded


async def test_the_cursor_skips_records_that_are_not_forwarded() -> None:
    """One write moves it, so that a restart does not look at them again."""
    ledger, app = MemoryLedger(), App()
    for _ in range(3):
        ledger.add(RecordKind.CANARY)
    async with play(ledger, app):
        await anyio.sleep(100.0)
    assert ledger.targets[URL].cursor == 3
    assert ledger.advances == [3]


async def test_a_failed_delivery_does_not_delay_the_others() -> None:
    """The app answers 503 to one; it gets the others meanwhile."""
    ledger = MemoryLedger()
    app = App(scripted({1: [answers(503), answers(429), answers(408), answers(500)]}))
    ledger.add_many(3)
    async with play(ledger, app) as on:
        await anyio.sleep(A_LONG_TIME_S)
    assert app.seqs == [1, 2, 3, 1, 1, 1, 1]
    assert app.times_s == [0, 0, 0, 1, 3, 8, 23]
    assert [asked.number for asked in app.asked] == [1, 1, 1, 2, 3, 4, 5]
    assert ledger.states([1, 2, 3]) == [DONE] * 3
    assert names(on.seen) == ["Forwarded"] * 7
    waits = [told.forward.next_at for told in on.of(Forwarded) if told.forward.state is WAITING]
    assert waits == [virtual_noon(at_s) for at_s in (1, 3, 8, 23)]


def virtual_noon(at_s: float) -> object:
    return virtual_now() + timedelta(seconds=at_s - anyio.current_time())


async def test_retry_after_is_respected() -> None:
    """If it asks for more than the back-off."""
    ledger = MemoryLedger()
    app = App(scripted({1: [answers(503, asked_s=120), answers(503, asked_s=0)]}))
    ledger.add()
    async with play(ledger, app):
        await anyio.sleep(A_LONG_TIME_S)
    assert app.times_s == [0, 120, 122]


async def test_a_delivery_fails_after_its_retries() -> None:
    """There is no further attempt, and later deliveries are not affected."""
    ledger = MemoryLedger()
    app = App(lambda asked: answers(500) if asked.seq == 1 else TAKEN)
    ledger.add_many(2)
    async with play(ledger, app, ForwardConfig(retries=3)) as on:
        await anyio.sleep(A_LONG_TIME_S)
    assert app.seqs == [1, 2, 1, 1, 1]
    assert ledger.states([1, 2]) == [FAILED, DONE]
    assert on.of(Forwarded)[-1].forward.state is FAILED
    assert ledger.targets[URL].cursor == 2


@pytest.mark.parametrize("said", [answers(404), answers(302), Said(None, "cannot be sent")])
async def test_a_final_answer_fails_the_delivery_at_once(said: Said) -> None:
    """Other 4xx, redirects and invalid requests; the app does not count as down."""
    ledger, app = MemoryLedger(), App(scripted({1: [said]}))
    ledger.add_many(2)
    async with play(ledger, app) as on:
        await anyio.sleep(A_LONG_TIME_S)
    assert app.seqs == [1, 2]
    assert ledger.states([1, 2]) == [FAILED, DONE]
    assert names(on.seen) == ["Forwarded"] * 2


async def test_first_attempts_and_retries_take_turns() -> None:
    """Neither starves the other."""
    ledger = MemoryLedger()

    def three_fail_once(asked: Asked) -> Said:
        failed = asked.seq <= 3 and asked.number == 1
        return answers(503, takes_s=0.1) if failed else answers(204, takes_s=2.0)

    app = App(three_fail_once)
    ledger.add_many(8)
    async with play(ledger, app):
        await anyio.sleep(A_LONG_TIME_S)
    assert app.seqs == [1, 2, 3, 4, 1, 5, 2, 6, 3, 7, 8]


async def test_concurrency_limits_first_attempts() -> None:
    """They begin in order of arrival, and a slow one does not delay the others."""
    ledger = MemoryLedger()
    app = App(lambda asked: answers(204, takes_s=10 if asked.seq == 1 else 1))
    ledger.add_many(7)
    async with play(ledger, app, ForwardConfig(concurrency=3)):
        await anyio.sleep(4.5)
        assert app.seqs == list(range(1, 8))
        assert app.times_s == [0, 0, 0, 1, 1, 2, 2]
        assert ledger.targets[URL].cursor == 0
        await anyio.sleep(10)
    assert app.peak == 3
    assert ledger.targets[URL].cursor == 7


async def test_concurrency_limits_retries() -> None:
    """Retries under way do not hide others that are due."""
    ledger = MemoryLedger()
    app = App(lambda asked: answers(503) if asked.number == 1 else answers(204, takes_s=5))
    ledger.add_many(8)
    async with play(ledger, app, ForwardConfig(concurrency=4)):
        await anyio.sleep(20)
    assert app.times_s == [0] * 8 + [1] * 4 + [6] * 4


@pytest.mark.parametrize("tenths", range(1, 12))
async def test_a_change_during_a_read_is_seen(tenths: int) -> None:
    """Deliveries and outcomes can arrive at any moment of a slow read."""
    ledger = MemoryLedger()

    async def slowly() -> None:
        await anyio.sleep(0.1)

    ledger.step = slowly
    app = App(scripted({1: [answers(503, takes_s=tenths / 10)]}))
    ledger.add_many(2)
    async with play(ledger, app, ForwardConfig(concurrency=3)) as on:
        await anyio.sleep(tenths / 10 + 0.05)
        on.arrive()
        await anyio.sleep(10)
    assert app.times_s == sorted(app.times_s)
    assert sorted(app.seqs) == [1, 1, 2, 3]
    assert max(app.times_s) < 6


async def test_the_backlog_is_published_at_the_start() -> None:
    """With the failed deliveries; an empty backlog is not published."""
    ledger = MemoryLedger()
    ledger.add_many(3)
    app = App(lambda asked: answers(404) if asked.seq == 1 else answers(503))
    async with play(ledger, app) as on:
        await anyio.sleep(0.5)
        assert on.of(Backlogged) == [Backlogged(URL, Backlog(3, 0, 0))]
    async with play(ledger, App()) as on:
        await anyio.sleep(10)
        assert on.seen[0] == Backlogged(URL, Backlog(0, 2, 1))
    async with play(MemoryLedger(), App()) as on:
        await anyio.sleep(10)
        assert on.seen == []


@pytest.mark.parametrize("call", ["eligible", "waiting", "records", "settle", "backlog", "advance"])
async def test_a_failing_store_causes_one_warning(call: str) -> None:
    """The delivery is not sent a second time while its outcome cannot be stored."""
    ledger, app = MemoryLedger(), App(scripted({2: [answers(503)]}))
    ledger.add(RecordKind.CANARY)
    ledger.add_many(2)
    ledger.add(RecordKind.CANARY)
    ledger.fails = failing(call, times=5)
    async with play(ledger, app) as on:
        await anyio.sleep(5)
        on.arrive()
        await anyio.sleep(A_LONG_TIME_S)
    assert sorted(app.seqs) == [2, 2, 3, 5]
    assert ledger.states([2, 3, 5]) == [DONE] * 3
    if call == "advance":
        return
    (warned,) = on.of(Warned)
    assert warned.text == (f"forwarding to {URL} waits: the disk is full (no space left on device)")


async def test_an_outcome_is_stored_before_it_is_published() -> None:
    """While the store cannot write, nothing is shown as done."""
    ledger, app = MemoryLedger(), App()
    ledger.add()
    ledger.fails = failing("settle", times=3)
    async with play(ledger, app) as on:
        await anyio.sleep(7)
        assert not on.of(Forwarded)
        await anyio.sleep(3)
        assert ledger.state(1) is DONE
        assert len(on.of(Forwarded)) == 1
    assert app.seqs == [1]


async def test_pruned_deliveries_are_skipped() -> None:
    """Both a first attempt and a retry, if they were not read within the last second."""
    ledger, app = MemoryLedger(), App(scripted({1: [answers(503, takes_s=2)]}))
    ledger.add_many(4)

    def prune(call: str) -> None:
        if call == "records" and app.seqs == [1]:
            ledger.kept.pop(1, None)
            ledger.kept.pop(2, None)

    ledger.fails = prune
    async with play(ledger, app) as on:
        await anyio.sleep(A_LONG_TIME_S)
        on.arrive()
        await anyio.sleep(1)
    assert app.seqs == [1, 3, 4, 5]
    assert ledger.targets[URL].cursor == 5


async def test_an_interrupted_attempt_is_made_again() -> None:
    """Ctrl-C leaves no trace of it; the next run makes the same attempt."""
    ledger, app = MemoryLedger(), App(lambda asked: answers(204, takes_s=5))
    ledger.add_many(2)
    async with play(ledger, app):
        await anyio.sleep(7)
    assert ledger.states([1, 2]) == [DONE, None]
    async with play(ledger, app):
        await anyio.sleep(7)
    assert [(asked.seq, asked.number) for asked in app.asked] == [(1, 1), (2, 1), (2, 1)]
    assert ledger.states([1, 2]) == [DONE, DONE]


async def test_a_clock_set_back_does_not_delay_retries() -> None:
    """A retry that is due in a year is made at the next look."""
    ledger, app = MemoryLedger(), App(scripted({1: [answers(503)]}))
    ledger.add()

    def set_back_after_half_a_second() -> object:
        at = virtual_now()
        return at - timedelta(days=365) if anyio.current_time() > 0.5 else at

    async with play(ledger, app, now=set_back_after_half_a_second):  # type: ignore[arg-type]
        await anyio.sleep(LONGEST_REST_S + 1)
    assert app.seqs == [1, 1]
