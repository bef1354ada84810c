"""Replaying: one after the other, each noted, and no more than makes sense."""

from dataclasses import dataclass, field

import anyio
import pytest

from okhook.forward.sending import Sent
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.replay.replayer import Replay, Replayed, Replayer, forward_after_replay
from tests.support.records import NOON, delivery_body, post

pytestmark = pytest.mark.anyio

APP = "http://127.0.0.1:3000/"


def record(seq: int) -> Record:
    request = post(delivery_body(f"event-{seq}"))
    return Record(seq, RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED, None)


def attempt(seq: int, status: int | None, purpose: Purpose = Purpose.REPLAY) -> Attempt:
    fault = None if status else "no connection"
    return Attempt(seq, APP, purpose, 1, NOON, 0.01, status, fault)


@dataclass
class App:
    """Answers as told, in order; remembers when it was asked, and for what."""

    statuses: list[int | None]
    asked: list[tuple[float, int]] = field(default_factory=list)

    async def send(self, record: Record, number: int) -> Sent:
        del number
        self.asked.append((anyio.current_time(), record.seq))
        return Sent(attempt(record.seq, self.statuses[len(self.asked) - 1]))


@dataclass
class Noted:
    """What was noted of the attempts."""

    forwards: list[Forward | None] = field(default_factory=list)

    async def note(self, attempt: Attempt, forward: Forward | None) -> None:
        del attempt
        self.forwards.append(forward)


async def replayed(app: App, count: int, *, interval_s: float = 0.0) -> tuple[Replayer, Noted]:
    noted = Noted()
    told: list[Replayed] = []
    replayer = Replayer(report=told.append, interval_s=interval_s)
    replays = (Replay(record(seq), APP, 1) for seq in range(1, count + 1))
    await replayer.replay_all(replays, lambda _: app.send, noted.note)
    assert replayer.is_complete
    assert len(told) == len(noted.forwards) == len(app.asked)
    return replayer, noted


async def test_each_is_sent_once_in_order_and_counted() -> None:
    """An accepted delivery is done; a failed one keeps its state."""
    app = App([204, 500, 200])
    replayer, noted = await replayed(app, 3)
    assert [seq for _, seq in app.asked] == [1, 2, 3]
    assert noted.forwards == [
        Forward(1, APP, ForwardState.DONE, 1),
        None,
        Forward(3, APP, ForwardState.DONE, 1),
    ]
    summary = replayer.summary()
    assert (summary.sent, summary.accepted, summary.failed) == (3, 2, 1)
    assert summary.statuses == {"200": 1, "204": 1, "500": 1}


async def test_no_answer_to_the_first_ends_the_replay() -> None:
    """A thousand deliveries to an app that is not running are one attempt."""
    replayer, _ = await replayed(App([None]), 1000)
    assert replayer.is_in_vain
    assert replayer.summary().sent == 1


async def test_no_answer_to_a_later_one_does_not_end_it() -> None:
    """After one answer, each delivery gets its attempt."""
    replayer, _ = await replayed(App([200, None, 200]), 3)
    assert replayer.summary().statuses == {"200": 2, "no connection": 1}


async def test_attempts_begin_an_interval_apart() -> None:
    """Four attempts take three intervals."""
    app = App([200] * 4)
    await replayed(app, 4, interval_s=0.02)
    starts = [moment for moment, _ in app.asked]
    assert starts[-1] - starts[0] > 2 * 0.02


@pytest.mark.parametrize("changed", [True, False])
@pytest.mark.parametrize("status", [200, 500, None])
def test_only_an_accepted_unchanged_delivery_is_done(status: int | None, changed: bool) -> None:
    """A changed one is not what was received."""
    replay = Replay(record(1), APP, 1, changed=changed)
    forward = forward_after_replay(replay, attempt(1, status, replay.purpose))
    assert (forward is not None) is (status == 200 and not changed)
