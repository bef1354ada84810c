"""The forwarder in virtual time: order, second attempts, lanes, leftovers, a failing store."""

from datetime import timedelta

import anyio
import pytest

from okhook.activity import Warned
from okhook.forward.activities import Backlogged, Forwarded
from okhook.forward.forwarder import LONGEST_REST_S, ForwardConfig
from okhook.records.attempt import Backlog, ForwardState
from okhook.records.record import RecordKind
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


async def test_deliveries_go_one_by_one_in_their_order() -> None:
    """Each with its own bytes, each noted before it is told, with no time lost between them."""
    ledger, app = MemoryLedger(page=2), App()
    seqs = ledger.add_many(5)
    async with play(ledger, app) as on:
        await anyio.sleep(0.5)
    assert app.seqs == seqs
    assert app.bodies == [ledger.records[seq].request.body for seq in seqs]
    assert (app.peak, set(app.times_s)) == (1, {0.0})
    assert ledger.states(seqs) == [DONE] * 5
    assert ledger.targets[URL].cursor == 5
    assert [told.attempt for told in on.of(Forwarded)] == ledger.attempts


async def test_what_comes_later_goes_at_once() -> None:
    """A forwarder that is woken loses no time, also after a long rest."""
    ledger, app = MemoryLedger(), App()
    async with play(ledger, app) as on:
        await anyio.sleep(1000.25)
        on.arrive()
        await anyio.sleep(0.5)
        on.arrive(2)
        await anyio.sleep(0.5)
    assert app.times_s == [1000.25, 1000.75, 1000.75]
    assert names(on.seen) == ["Forwarded"] * 3


async def test_what_another_process_stores_is_found_without_being_told() -> None:
    """Nobody wakes us for it; it waits for the next look, and no longer."""
    ledger, app = MemoryLedger(), App()
    async with play(ledger, app):
        await anyio.sleep(100.0)
        ledger.add()
        await anyio.sleep(LONGEST_REST_S + 0.001)
    assert app.seqs == [1]


async def test_what_another_process_has_sent_is_not_sent_again() -> None:
    """A replay from elsewhere, while the app is down for us, is seen before its turn comes."""
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


async def test_only_deliveries_are_forwarded() -> None:
    """No canary, verification, refused or malformed request, and a duplicate only where asked."""
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


async def test_the_cursor_passes_over_what_is_not_forwarded() -> None:
    """By one write at rest, so that nobody looks at it again after a restart."""
    ledger, app = MemoryLedger(), App()
    for _ in range(3):
        ledger.add(RecordKind.CANARY)
    async with play(ledger, app):
        await anyio.sleep(100.0)
    assert ledger.targets[URL].cursor == 3
    assert ledger.advances == [3]


async def test_a_failed_one_waits_for_its_own_time_and_holds_up_nobody() -> None:
    """The app is there and says "later" to one: the others go on."""
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


async def test_patience_that_is_asked_for_is_had() -> None:
    """Retry-After, where it is longer than the step."""
    ledger = MemoryLedger()
    app = App(scripted({1: [answers(503, asked_s=120), answers(503, asked_s=0)]}))
    ledger.add()
    async with play(ledger, app):
        await anyio.sleep(A_LONG_TIME_S)
    assert app.times_s == [0, 120, 122]


async def test_what_fails_too_often_is_kept_as_failed() -> None:
    """After the retries, and no attempt more; what comes after it is not touched by that."""
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
async def test_what_will_never_be_taken_is_failed_at_once(said: Said) -> None:
    """Another 4xx, a redirect, and what HTTP cannot carry; the app is not down for that."""
    ledger, app = MemoryLedger(), App(scripted({1: [said]}))
    ledger.add_many(2)
    async with play(ledger, app) as on:
        await anyio.sleep(A_LONG_TIME_S)
    assert app.seqs == [1, 2]
    assert ledger.states([1, 2]) == [FAILED, DONE]
    assert names(on.seen) == ["Forwarded"] * 2


async def test_first_and_second_attempts_take_turns() -> None:
    """A flood of new ones does not starve the failed, nor the failed the new ones."""
    ledger = MemoryLedger()

    def three_fail_once(asked: Asked) -> Said:
        failed = asked.seq <= 3 and asked.number == 1
        return answers(503, takes_s=0.1) if failed else answers(204, takes_s=2.0)

    app = App(three_fail_once)
    ledger.add_many(8)
    async with play(ledger, app):
        await anyio.sleep(A_LONG_TIME_S)
    assert app.seqs == [1, 2, 3, 4, 1, 5, 2, 6, 3, 7, 8]


async def test_as_many_are_on_their_way_as_asked_for() -> None:
    """They begin in order of arrival, and a slow one holds up no other lane."""
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


async def test_as_many_second_attempts_are_on_their_way() -> None:
    """Those that are under way do not hide the others that are due."""
    ledger = MemoryLedger()
    app = App(lambda asked: answers(503) if asked.number == 1 else answers(204, takes_s=5))
    ledger.add_many(8)
    async with play(ledger, app, ForwardConfig(concurrency=4)):
        await anyio.sleep(20)
    assert app.times_s == [0] * 8 + [1] * 4 + [6] * 4


@pytest.mark.parametrize("tenths", range(1, 12))
async def test_what_comes_while_the_ledger_is_read_is_not_overlooked(tenths: int) -> None:
    """Arrivals and outcomes may fall into any moment of a slow reading; none has to wait on."""
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


async def test_leftovers_are_told_at_the_start() -> None:
    """What is there from before, given up included; a clean start has nothing to say."""
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


@pytest.mark.parametrize("call", ["eligible", "waiting", "record", "settle", "backlog", "advance"])
async def test_a_failing_store_is_told_once_and_waited_out(call: str) -> None:
    """Nothing is sent a second time because its outcome could not be written at first."""
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


async def test_an_outcome_is_not_told_before_it_is_kept() -> None:
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


async def test_what_was_pruned_is_passed_over() -> None:
    """A first attempt and a second one whose record is gone; the rest goes on."""
    ledger, app = MemoryLedger(), App(scripted({1: [answers(503)]}))
    ledger.add_many(4)

    def prune(call: str) -> None:
        if call == "record" and app.seqs == [1]:
            ledger.records.pop(1, None)
            ledger.records.pop(2, None)

    ledger.fails = prune
    async with play(ledger, app) as on:
        await anyio.sleep(A_LONG_TIME_S)
        on.arrive()
        await anyio.sleep(1)
    assert app.seqs == [1, 3, 4, 5]
    assert ledger.targets[URL].cursor == 5


async def test_an_attempt_that_is_cut_off_is_made_again() -> None:
    """Ctrl-C in its middle leaves no trace of it; the next life makes the same one."""
    ledger, app = MemoryLedger(), App(lambda asked: answers(204, takes_s=5))
    ledger.add_many(2)
    async with play(ledger, app):
        await anyio.sleep(7)
    assert ledger.states([1, 2]) == [DONE, None]
    async with play(ledger, app):
        await anyio.sleep(7)
    assert [(asked.seq, asked.number) for asked in app.asked] == [(1, 1), (2, 1), (2, 1)]
    assert ledger.states([1, 2]) == [DONE, DONE]


async def test_a_clock_that_is_set_back_delays_nobody_for_long() -> None:
    """What was to be tried at a time that is now a year ahead is tried at the next look."""
    ledger, app = MemoryLedger(), App(scripted({1: [answers(503)]}))
    ledger.add()

    def set_back_after_half_a_second() -> object:
        at = virtual_now()
        return at - timedelta(days=365) if anyio.current_time() > 0.5 else at

    async with play(ledger, app, now=set_back_after_half_a_second):  # type: ignore[arg-type]
        await anyio.sleep(LONGEST_REST_S + 1)
    assert app.seqs == [1, 1]
