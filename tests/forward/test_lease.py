"""A forwarder ends when its target is taken over, and goes on where the other one ended."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest

from okhook.activity import Activity, Warned
from okhook.errors import StoreFailed
from okhook.forward.forwarder import ForwardConfig, Forwarder
from okhook.forward.lease import forward_while_leased
from okhook.records.activities import TargetTaken
from okhook.records.attempt import Attempt, Forward, ForwardState, Target
from okhook.runtime.counters import ServiceCounters
from okhook.store.contract import Lease, LeaseLost, LeaseTaken
from tests.forward.rig import URL, App, MemoryLedger, answers
from tests.forward.virtual_time import VirtualTimeLoop, virtual_now

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


class RevocableLease:
    """A lease that others can take."""

    def __init__(self) -> None:
        self.taken = anyio.Event()
        self.hears_of_it = True

    async def confirm(self) -> None:
        if self.taken.is_set():
            raise LeaseLost

    @property
    def is_sure(self) -> bool:
        return not self.taken.is_set()

    async def lost(self) -> None:
        await self.taken.wait()
        if not self.hears_of_it:
            await anyio.sleep_forever()


@dataclass
class LeasedLedger(MemoryLedger):
    """Leases to one after the other; refuses the outcome of a lost one, as a token does."""

    newest: RevocableLease = field(default_factory=RevocableLease)
    refusals: list[Exception] = field(default_factory=list)

    @asynccontextmanager
    async def lease(self, url: str) -> AsyncIterator[Lease]:
        del url
        if self.refusals:
            raise self.refusals.pop(0)
        self.newest = RevocableLease()
        yield self.newest

    async def settle(
        self, attempt: Attempt, forward: Forward, *, cursor: int, lease: Lease | None = None
    ) -> None:
        assert lease is not None
        await lease.confirm()
        await super().settle(attempt, forward, cursor=cursor)


@asynccontextmanager
async def alone(ledger: LeasedLedger, app: App, seen: list[Activity]) -> AsyncIterator[None]:
    ledger.targets.setdefault(URL, Target(URL, 0, 0))
    forwarder = Forwarder(
        ledger.targets[URL],
        ForwardConfig(),
        store=ledger.store,
        send=app.send,
        listens=None,
        publish=seen.append,
        now=virtual_now,
        chance=lambda: 0.0,
    )
    ledger.grew.append(lambda _: forwarder.wake())
    async with anyio.create_task_group() as tasks:

        async def run() -> None:
            await forward_while_leased(
                URL,
                forwarder.run,
                store=ledger.store,
                publish=seen.append,
                counters=ServiceCounters(),
                ending=anyio.Event(),
            )

        tasks.start_soon(run)
        yield
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("hears_of_it", [True, False])
async def test_no_request_begins_after_the_target_was_taken(hears_of_it: bool) -> None:
    """The one that was begun may end, and its outcome is not stored, whoever notices it first."""
    ledger, seen = LeasedLedger(), list[Activity]()
    app = App(lambda _: answers(204, takes_s=1.0))
    seqs = ledger.add_many(5)
    async with alone(ledger, app, seen):
        await anyio.sleep(1.5)
        ledger.newest.hears_of_it = hears_of_it
        ledger.refusals = [LeaseTaken()] * 30
        ledger.newest.taken.set()
        await anyio.sleep(20.0)
        assert app.seqs == seqs[:2]
        assert ledger.states(seqs) == [ForwardState.DONE, None, None, None, None]
        assert [type(each) for each in seen if isinstance(each, Warned)] == [Warned]


async def test_it_goes_on_where_the_other_one_ended() -> None:
    """It reads the cursor and what waits again: nothing is sent twice, and in order."""
    ledger, app, seen = LeasedLedger(), App(), list[Activity]()
    ledger.refusals = [LeaseTaken()] * 3
    seqs = ledger.add_many(6)
    async with alone(ledger, app, seen):
        await anyio.sleep(1.5)
        assert app.seqs == []
        for seq in seqs[:3]:
            ledger.forwards[URL, seq] = Forward(seq, URL, ForwardState.DONE, 1)
        await anyio.sleep(3.0)
    assert app.seqs == seqs[3:]
    assert [each for each in seen if isinstance(each, TargetTaken)] == [TargetTaken(URL)]


async def test_a_store_that_cannot_say_who_holds_it_is_asked_again() -> None:
    """It is said once, and again only for another reason."""
    ledger, app, seen = LeasedLedger(), App(), list[Activity]()
    ledger.refusals = [StoreFailed("the database is away")] * 3 + [LeaseTaken()] * 2
    seqs = ledger.add_many(2)
    async with alone(ledger, app, seen):
        await anyio.sleep(10.0)
    assert app.seqs == seqs
    texts = [each.text for each in seen if isinstance(each, Warned)]
    assert len(texts) == 2
    assert "waits: the database is away" in texts[0]
