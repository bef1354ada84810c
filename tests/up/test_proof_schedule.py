"""When the path is proved again."""

import pytest

from okhook.activity import Published, StoreGrew
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelReconnected,
    TunnelReconnecting,
    TunnelRestarting,
    TunnelResumed,
    TunnelStalled,
)
from okhook.up.activities import PathLost, TunnelCameBack
from okhook.up.path_watch import BACK_OFF_S, COMES_BACK_IN_S, RECONNECTS_IN_S, ProofSchedule

CAME_BACK = TunnelCameBack("https://hkdk.events/x")


def through_tunnel(every_s: float = 1800) -> ProofSchedule:
    return ProofSchedule(every_s, has_tunnel=True, now_s=0)


def attempt(status: int | None) -> TunnelAttempt:
    return TunnelAttempt("now", status, "POST", "http://localhost/")


def due_at(schedule: ProofSchedule) -> float:
    return schedule.due_in_s(0)


def test_silence_is_due_and_a_delivery_through_the_tunnel_breaks_it_field_06() -> None:
    """A failed attempt, or what was posted on this machine, proves nothing of the path."""
    schedule = through_tunnel()
    for other in (attempt(401), attempt(None), StoreGrew(1)):
        assert schedule.noticed(other, 100) is None
    assert due_at(schedule) == 1800
    schedule.noticed(attempt(204), 1000)
    assert due_at(schedule) == 2800
    schedule.proved(2800)
    assert due_at(schedule) == 4600


def test_without_a_tunnel_every_delivery_breaks_the_silence_field_06() -> None:
    """With --public-url nothing else tells of it."""
    schedule = ProofSchedule(60, has_tunnel=False, now_s=0)
    schedule.noticed(StoreGrew(1), 30)
    assert due_at(schedule) == 90


def test_zero_turns_it_off_field_06() -> None:
    """Silence is never due; a tunnel that came back still is."""
    schedule = through_tunnel(0)
    assert due_at(schedule) == float("inf")
    schedule.noticed(CAME_BACK, 50)
    assert due_at(schedule) == 50


@pytest.mark.parametrize("back", [CAME_BACK, TunnelReconnected(), TunnelResumed()])
def test_what_came_back_is_proved_at_once_field_06(back: Published) -> None:
    """A restart, a new connection, and a process that runs again."""
    schedule = through_tunnel()
    assert schedule.noticed(back, 10) is None
    assert due_at(schedule) == 10


@pytest.mark.parametrize(
    ("cut", "reason", "due"),
    [
        (TunnelReconnecting(), "Hookdeck lost its connection", 10 + RECONNECTS_IN_S),
        (TunnelRestarting(1, "it broke", 1), "Hookdeck restarts: it broke", 10 + COMES_BACK_IN_S),
        (TunnelStalled("Hookdeck is stopped"), "Hookdeck is stopped", 10 + COMES_BACK_IN_S),
    ],
)
def test_a_cut_is_said_once_field_06(cut: Published, reason: str, due: float) -> None:
    """Until a canary arrives. Old versions do not say that they are connected again."""
    schedule = through_tunnel()
    assert schedule.noticed(cut, 10) == PathLost(reason)
    assert due_at(schedule) == due
    assert schedule.noticed(TunnelReconnecting(), 11) is None
    schedule.noticed(attempt(204), 12)
    assert due_at(schedule) == 11 + RECONNECTS_IN_S
    schedule.proved(20)
    assert schedule.noticed(cut, 30) == PathLost(reason)


def test_failed_proofs_restart_the_tunnel_less_and_less_often_field_06() -> None:
    """Each costs requests of a plan."""
    schedule = through_tunnel()
    restarts, waits = [], []
    for _ in range(6):
        restarts.append(schedule.failed(0))
        waits.append(due_at(schedule))
    assert restarts == [True, False, True, False, True, False]
    assert waits[1::2] == list(BACK_OFF_S[:3])
    assert not ProofSchedule(1800, has_tunnel=False, now_s=0).failed(0)
