"""The forwarder and an app that goes, hangs, dies, and comes back, in virtual time."""

from collections.abc import Sequence

import anyio
import pytest

from okhook.forward.forwarder import CHECK_EVERY_S, ForwardConfig
from okhook.records.activities import Backlogged, Forwarded, TargetDown, TargetUp
from okhook.records.attempt import Backlog, ForwardState
from okhook.records.record import Record
from tests.forward.rig import (
    DIES,
    HANGS,
    REFUSED,
    TAKEN,
    URL,
    App,
    Asked,
    MemoryLedger,
    Said,
    answers,
    down_until,
    names,
    play,
    scripted,
)
from tests.forward.virtual_time import VirtualTimeLoop

pytestmark = pytest.mark.anyio

DONE, WAITING, FAILED = ForwardState.DONE, ForwardState.WAITING, ForwardState.FAILED
A_LONG_TIME_S = 10_000.0


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


async def test_a_down_app_gets_one_attempt_at_a_time() -> None:
    """The first failed delivery is retried; then the others follow in order."""
    ledger, app = MemoryLedger(), down_until(700.0)
    ledger.add_many(4)
    async with play(ledger, app) as on:
        await anyio.sleep(A_LONG_TIME_S)
    times_s = [0, 1, 3, 8, 23, 53, 113, 413]
    assert app.times_s == [*times_s, 713, 713, 713, 713]
    assert app.seqs == [1] * 8 + [1, 2, 3, 4]
    assert on.of(TargetDown) == [TargetDown(URL, "because of no connection")]
    assert on.of(TargetUp) == [TargetUp(URL, 713.0, 3)]
    assert names(on.seen) == ["TargetDown", "TargetUp", *["Forwarded"] * 4]
    counts = [told.backlog for told in on.of(Backlogged)]
    assert counts == [Backlog(4, 0, 0), Backlog(3, 1, 0)]


async def test_an_app_that_listens_again_is_tried_at_once() -> None:
    """A developer who restarts the app does not wait for minutes; what was refused comes first."""
    ledger, app = MemoryLedger(), down_until(500.5)
    ledger.add_many(3)

    async def listens() -> bool:
        return anyio.current_time() >= 500.5

    async with play(ledger, app, listens=listens) as on:
        await anyio.sleep(501.0 + CHECK_EVERY_S)
    assert app.times_s == [0, 1, 3, 8, 23, 53, 113, 413, 501, 501, 501]
    assert app.seqs == [1] * 8 + [1, 2, 3]
    assert on.of(TargetUp) == [TargetUp(URL, 501.0, 2)]


async def test_an_app_that_crashed_is_tried_when_it_is_back() -> None:
    """Also with the delivery that it crashed on, if there is no other: the bug may be mended."""
    ledger, app = MemoryLedger(), App(scripted({1: [DIES] * 7}))
    ledger.add()

    async def listens() -> bool:
        return anyio.current_time() % 60.0 >= 20.0

    async with play(ledger, app, listens=listens):
        await anyio.sleep(A_LONG_TIME_S)
    assert app.times_s == [0, 1, 3, 8, 20, 50, 80, 140]


@pytest.mark.parametrize("said", [REFUSED, DIES])
async def test_a_port_that_is_always_open_tells_nothing(said: Said) -> None:
    """Such as that of a proxy: attempts come when they would have come anyway."""
    ledger, app = MemoryLedger(), down_until(100.0, said)
    ledger.add()

    async def listens() -> bool:
        return True

    async with play(ledger, app, listens=listens):
        await anyio.sleep(A_LONG_TIME_S)
    assert app.times_s == [0, 1, 3, 8, 23, 53, 113]


async def test_what_an_app_asked_to_wait_waits_also_if_it_listens_again() -> None:
    """Only what got no answer is sent before its time."""
    said = [answers(503, asked_s=600), REFUSED]
    ledger, app = MemoryLedger(), App(lambda asked: said.pop(0) if said else TAKEN)
    ledger.add_many(2)

    async def listens() -> bool:
        return bool(said)

    async with play(ledger, app, listens=listens):
        await anyio.sleep(A_LONG_TIME_S)
    assert list(zip(app.seqs, app.times_s, strict=True)) == [(1, 0), (2, 0), (2, 1), (1, 600)]


async def test_the_back_off_continues_with_the_next_delivery() -> None:
    """An app that stays down does not get more attempts because one delivery failed for good."""
    ledger, app = MemoryLedger(), down_until(A_LONG_TIME_S)
    ledger.add_many(2)
    async with play(ledger, app, ForwardConfig(retries=1)) as on:
        await anyio.sleep(1000.0)
    assert list(zip(app.seqs, app.times_s, strict=True)) == [(1, 0), (1, 1), (2, 3), (2, 8)]
    assert ledger.states([1, 2]) == [FAILED, FAILED]
    assert [told.forward.state for told in on.of(Forwarded)] == [FAILED, FAILED]
    assert len(on.of(TargetDown)) == 1


async def test_a_retry_that_is_not_due_does_not_block_a_down_app() -> None:
    """A delivery may wait longer than the app."""
    said = [answers(503, asked_s=600), REFUSED]
    app = App(lambda asked: said.pop(0) if said else TAKEN)
    ledger = MemoryLedger()
    ledger.add_many(2)
    async with play(ledger, app):
        await anyio.sleep(A_LONG_TIME_S)
    assert list(zip(app.seqs, app.times_s, strict=True)) == [(1, 0), (2, 0), (2, 1), (1, 600)]


@pytest.mark.parametrize("said", [HANGS, DIES])
async def test_a_suspect_delivery_lets_others_pass(said: Said) -> None:
    """It may be the reason why the app hangs or crashes, so another one is tried first."""
    ledger, app = MemoryLedger(), App(lambda asked: said if asked.seq == 1 else TAKEN)
    ledger.add_many(3)
    async with play(ledger, app, ForwardConfig(retries=2)) as on:
        await anyio.sleep(30.0)
        on.arrive()
        await anyio.sleep(A_LONG_TIME_S)
    assert app.seqs == [1, 2, 1, 3, 1, 4]
    assert ledger.states([1, 2, 3, 4]) == [FAILED, DONE, DONE, DONE]


async def test_a_hanging_app_gets_two_deliveries_at_most() -> None:
    """A developer at a breakpoint does not get the whole queue."""
    ledger, app = MemoryLedger(), down_until(500.0, HANGS)
    ledger.add_many(10)
    async with play(ledger, app) as on:
        await anyio.sleep(500.0)
        assert set(app.seqs) == {1, 2}
        assert names(on.seen).count("TargetDown") == 1
        await anyio.sleep(A_LONG_TIME_S)
    assert ledger.states(range(1, 11)) == [DONE] * 10
    assert len(on.of(TargetUp)) == 1


async def test_a_delivery_being_read_waits_when_the_app_goes_down() -> None:
    """It is not sent after another attempt found the app down."""

    class SlowLedger(MemoryLedger):
        async def records(self, seqs: Sequence[int], most_bytes: int) -> list[Record]:
            if seqs[0] == 2:
                await anyio.sleep(0.5)
            return await super().records(seqs, most_bytes=1)

    ledger, app = SlowLedger(), App(scripted({1: [REFUSED]}))
    ledger.add_many(3)
    async with play(ledger, app, ForwardConfig(concurrency=2)):
        await anyio.sleep(10)
    assert list(zip(app.seqs, app.times_s, strict=True)) == [(1, 0), (1, 1), (2, 1.5), (3, 1.5)]


async def test_concurrent_failures_count_as_one() -> None:
    """No attempt begins until all have ended; then there is one at a time."""
    ledger = MemoryLedger()

    def dying(asked: Asked) -> Said:
        if asked.at_s >= 20:
            return TAKEN
        return Said(None, "no connection", takes_s=(asked.seq - 1) * 2 if asked.number == 1 else 0)

    app = App(dying)
    ledger.add_many(6)
    async with play(ledger, app, ForwardConfig(concurrency=3)) as on:
        await anyio.sleep(19)
        assert app.times_s == [0, 0, 0, 4, 6, 11]
        assert app.seqs == [1, 2, 3, 1, 2, 3]
        await anyio.sleep(A_LONG_TIME_S)
    assert (len(on.of(TargetDown)), len(on.of(TargetUp))) == (1, 1)
    assert ledger.states(range(1, 7)) == [DONE] * 6


async def test_an_answer_on_an_old_connection_does_not_bring_an_app_up() -> None:
    """An app that shuts down still answers its open requests."""
    ledger = MemoryLedger()

    def shutting_down(asked: Asked) -> Said:
        if asked.seq == 1 and asked.number == 1:
            return answers(204, takes_s=0.5)
        return REFUSED if asked.at_s < 60 else TAKEN

    app = App(shutting_down)
    ledger.add_many(3)
    async with play(ledger, app, ForwardConfig(concurrency=2)) as on:
        await anyio.sleep(A_LONG_TIME_S)
    assert names(on.seen) == ["TargetDown", "Forwarded", "TargetUp", "Forwarded", "Forwarded"]


async def test_the_backlog_is_published_while_the_app_is_down() -> None:
    """At most once a second, and only if it changed."""
    ledger, app = MemoryLedger(), down_until(1000.0)
    async with play(ledger, app) as on:
        await anyio.sleep(2)
        on.arrive()
        await anyio.sleep(0.9)
        assert [told.backlog for told in on.of(Backlogged)] == [Backlog(0, 1, 0)]
        for _ in range(50):
            on.arrive()
            await anyio.sleep(0.1)
        counts = [told.backlog.pending for told in on.of(Backlogged)]
        assert 5 <= len(counts) <= 7
        assert counts == sorted(set(counts))
        await anyio.sleep(100)
        assert on.of(Backlogged)[-1].backlog == Backlog(50, 1, 0)
        quiet = len(on.of(Backlogged))
        calls: list[str] = []
        ledger.fails = calls.append
        await anyio.sleep(400)
        assert len(on.of(Backlogged)) == quiet
        assert 0 < calls.count("backlog") <= 2 * calls.count("settle")
        await anyio.sleep(1000)
        assert ledger.states(range(1, 52)) == [DONE] * 51
        on.arrive(5)
        await anyio.sleep(5)
    assert len(on.of(Backlogged)) == quiet


async def test_jitter_lengthens_the_back_off() -> None:
    """By the random number that was passed in."""
    ledger, app = MemoryLedger(), down_until(3.0)
    ledger.add()
    async with play(ledger, app, chance=lambda: 0.5):
        await anyio.sleep(100)
    assert app.times_s == [0, 1.1, 3.3]
