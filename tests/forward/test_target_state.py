"""When an app is down, how long it is left alone, and when it is up again."""

from datetime import timedelta

import pytest

from okhook.forward.target_state import TargetState
from okhook.http.client import (
    AnswerLost,
    CannotBeSent,
    ConnectionFailed,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from okhook.records.attempt import Attempt, Purpose
from tests.support.records import NOON

REFUSED = ConnectionFailed.fault


def at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def learn(
    state: TargetState,
    *,
    status: int | None = None,
    fault: str | None = None,
    at_s: float = 0.0,
    seq: int = 1,
    begun_in: int | None = None,
    chance: float = 0.0,
) -> str | None:
    """Have the state learn of an attempt; return "down" or "up" where that is news."""
    was_down = state.is_down
    attempt = Attempt(
        seq, "http://x/", Purpose.FORWARD, 1, NOON, 0.1, status, fault, fault and f"of {fault}"
    )
    state.learn(
        attempt,
        begun_in=state.phase if begun_in is None else begun_in,
        at=NOON + at(at_s),
        chance=chance,
    )
    if was_down == state.is_down:
        return None
    return "down" if state.is_down else "up"


@pytest.mark.parametrize("kind", [ConnectionFailed, NameNotFound, TlsFailed, AnswerLost, TimedOut])
def test_no_answer_is_down(kind: type[ConnectionFailed]) -> None:
    """Once: the second time in a row is no news."""
    state = TargetState()
    assert learn(state, fault=kind.fault) == "down"
    assert state.is_down
    assert learn(state, fault=kind.fault) is None
    assert state.is_down


@pytest.mark.parametrize("status", [200, 302, 404, 429, 500, 503])
def test_any_answer_is_up(status: int) -> None:
    """Also an error: somebody is there to say it."""
    state = TargetState()
    assert learn(state, status=status) is None
    learn(state, fault=REFUSED, at_s=3)
    assert state.down_s(NOON + at(10)) == 7.0
    assert learn(state, status=status, at_s=10) == "up"
    assert state.down_s(NOON + at(10)) is None
    assert not state.is_down
    assert learn(state, status=status, at_s=11) is None


def test_a_request_that_cannot_be_sent_tells_nothing_of_the_app() -> None:
    """It neither brings it down nor up."""
    state = TargetState()
    assert learn(state, fault=CannotBeSent.fault) is None
    assert not state.is_down
    learn(state, fault=REFUSED)
    assert learn(state, fault=CannotBeSent.fault) is None
    assert state.is_down


def test_a_down_app_is_left_alone_for_longer_each_time() -> None:
    """Its own steps, whichever deliveries they fell on; the first answer begins them anew."""
    state = TargetState()
    assert state.may_try(NOON)
    waits_s = []
    for seq in range(9):
        learn(state, fault=REFUSED, seq=seq)
        assert state.next_at is not None
        waits_s.append((state.next_at - NOON).total_seconds())
        assert not state.may_try(state.next_at - at(0.001))
        assert state.may_try(state.next_at)
    assert waits_s == [1, 2, 5, 15, 30, 60, 300, 300, 300]
    learn(state, status=204)
    assert state.may_try(NOON)
    learn(state, fault=REFUSED, chance=0.5)
    assert state.next_at == NOON + at(1.1)


def test_what_fails_together_counts_once() -> None:
    """Four attempts on their way to an app that dies are one reason to wait, not four."""
    state = TargetState()
    assert learn(state, fault=REFUSED, begun_in=0) is not None
    for _ in range(3):
        assert learn(state, fault=REFUSED, begun_in=0, at_s=1) is None
    assert state.next_at == NOON + at(1)


def test_an_old_connection_s_answer_says_nothing_of_new_ones() -> None:
    """An app that is shut down finishes what it has, and is down for all else."""
    state = TargetState()
    learn(state, fault=REFUSED, begun_in=0)
    assert learn(state, status=204, begun_in=0, at_s=5) is None
    assert state.is_down
    learn(state, status=204)
    assert learn(state, fault=TimedOut.fault, begun_in=0, at_s=9) is None
    assert not state.is_down


@pytest.mark.parametrize(
    ("fault", "suspect"),
    [(TimedOut, 5), (AnswerLost, 5), (ConnectionFailed, None), (NameNotFound, None)],
)
def test_a_delivery_may_be_why_an_app_hangs_or_dies(
    fault: type[ConnectionFailed], suspect: int | None
) -> None:
    """It is suspected until another one is attempted or the app answers; a refusal blames none."""
    state = TargetState()
    learn(state, fault=fault.fault, seq=5)
    assert state.suspect == suspect
    learn(state, status=204)
    assert state.suspect is None


def test_a_clock_that_was_set_back_brings_no_negative_time() -> None:
    """The app was down for no time at all then, and is tried at once."""
    state = TargetState()
    learn(state, fault=REFUSED, at_s=100_000)
    assert state.may_try(NOON)
    assert state.down_s(NOON) == 0.0
    assert learn(state, status=204, at_s=0) == "up"
