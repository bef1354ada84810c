"""When an app is down, how long it is left alone, and when it is up again."""

from datetime import timedelta

import pytest

from okhook.forward.retry import TargetState
from okhook.http.errors import (
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
def test_an_app_without_an_answer_is_down(kind: type[ConnectionFailed]) -> None:
    """A second attempt without an answer does not change that."""
    state = TargetState()
    assert learn(state, fault=kind.fault) == "down"
    assert state.is_down
    assert learn(state, fault=kind.fault) is None
    assert state.is_down


@pytest.mark.parametrize("status", [200, 302, 404, 429, 500, 503])
def test_an_app_with_any_answer_is_up(status: int) -> None:
    """An error is an answer, too."""
    state = TargetState()
    assert learn(state, status=status) is None
    learn(state, fault=REFUSED, at_s=3)
    assert state.down_s(NOON + at(10)) == 7.0
    assert learn(state, status=status, at_s=10) == "up"
    assert state.down_s(NOON + at(10)) is None
    assert not state.is_down
    assert learn(state, status=status, at_s=11) is None


def test_an_invalid_request_does_not_change_the_state() -> None:
    """It never reached the app."""
    state = TargetState()
    assert learn(state, fault=CannotBeSent.fault) is None
    assert not state.is_down
    learn(state, fault=REFUSED)
    assert learn(state, fault=CannotBeSent.fault) is None
    assert state.is_down


def test_a_down_app_gets_growing_waits() -> None:
    """Whichever deliveries fail; the first answer resets the wait."""
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


def test_concurrent_failures_count_once() -> None:
    """Four attempts under way to an app that crashes are one failure."""
    state = TargetState()
    assert learn(state, fault=REFUSED, begun_in=0) is not None
    for _ in range(3):
        assert learn(state, fault=REFUSED, begun_in=0, at_s=1) is None
    assert state.next_at == NOON + at(1)


def test_an_answer_on_an_old_connection_is_ignored() -> None:
    """An app that shuts down still answers its open requests."""
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
def test_a_delivery_is_a_suspect_if_the_app_hangs_or_crashes(
    fault: type[ConnectionFailed], suspect: int | None
) -> None:
    """Until another one is attempted or the app answers; not if the connection is refused."""
    state = TargetState()
    learn(state, fault=fault.fault, seq=5)
    assert state.suspect == suspect
    learn(state, status=204)
    assert state.suspect is None


def test_a_clock_set_back_gives_no_negative_duration() -> None:
    """The app is tried at once."""
    state = TargetState()
    learn(state, fault=REFUSED, at_s=100_000)
    assert state.may_try(NOON)
    assert state.down_s(NOON) == 0.0
    assert learn(state, status=204, at_s=0) == "up"


def test_a_down_app_that_listens_again_may_be_tried_at_once() -> None:
    """Only if it did not listen before. What is known of its port ends when it is up."""
    state = TargetState()
    learn(state, fault=REFUSED)
    state.checked(listens=True)
    assert not state.may_try(NOON)
    state.checked(listens=False)
    assert not state.may_try(NOON)
    state.checked(listens=True)
    assert state.may_try(NOON)
    learn(state, fault=REFUSED)
    assert not state.may_try(NOON)
    state.checked(listens=False)
    learn(state, status=204)
    learn(state, fault=REFUSED)
    state.checked(listens=True)
    assert not state.may_try(NOON)
