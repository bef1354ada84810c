"""The pace of deriving: steps come soon, and deliveries do not wait for them."""

from hypothesis import given
from hypothesis import strategies as st

from okhook.store.pace import (
    AGAIN_AFTER_S,
    LONGEST_REST_S,
    POURING_WITHIN_S,
    REST_PER_WORK,
    Pace,
)


def test_the_first_step_is_due_at_once() -> None:
    """An earlier run may have left records to derive."""
    assert Pace().patience_s(100.0) == 0.0


def test_without_work_it_waits_for_a_delivery() -> None:
    """An idle store uses no processor time."""
    pace = Pace()
    pace.derived(1.0, took_s=0.1, complete=True)
    assert pace.patience_s(2.0) is None
    pace.wrote(3.0, idle_s=1.0)
    assert pace.is_due(3.0)


def test_an_idle_store_is_derived_without_pauses() -> None:
    """After a crash or a burst, the rest is derived as fast as possible."""
    pace = Pace()
    pace.derived(1.0, took_s=0.1, complete=False)
    assert pace.is_due(1.0)


def test_a_failed_step_is_repeated_later() -> None:
    """A full disk does not cause a busy loop."""
    pace = Pace()
    pace.failed(1.0)
    assert pace.patience_s(1.0) == AGAIN_AFTER_S


def test_a_single_delivery_causes_no_pause() -> None:
    """A single delivery is on screen at once, however long a step takes."""
    pace = Pace()
    pace.wrote(10.0, idle_s=1.0)
    pace.derived(10.1, took_s=0.1, complete=False)
    assert pace.is_due(10.1)


def test_a_pause_is_kept_though_no_work_is_left() -> None:
    """While many deliveries arrive, a step after each one would delay them all."""
    pace = Pace()
    pace.wrote(10.01, idle_s=0.0)
    pace.derived(10.02, took_s=0.01, complete=True)
    pace.wrote(10.03, idle_s=0.0)
    assert not pace.is_due(10.02 + 0.01 * REST_PER_WORK - 0.001)
    assert pace.is_due(10.02 + 0.01 * REST_PER_WORK + 0.001)


@given(st.lists(st.floats(0.0001, 0.1), min_size=1))
def test_deriving_takes_little_time_while_many_deliveries_arrive(steps_s: list[float]) -> None:
    """However long the steps take, the pauses take many times as long."""
    pace, now, worked_s = Pace(), 0.0, 0.0
    for took_s in steps_s:
        pace.wrote(now, idle_s=POURING_WITHIN_S / 2)
        now += took_s
        worked_s += took_s
        pace.derived(now, took_s=took_s, complete=False)
        patience_s = pace.patience_s(now)
        assert patience_s is not None
        now += patience_s
    assert worked_s <= now / REST_PER_WORK


def test_a_step_that_hung_does_not_stop_deriving_for_minutes() -> None:
    """A database that did not answer for ten seconds would cost six minutes."""
    pace = Pace()
    pace.wrote(10.01, idle_s=0.0)
    pace.derived(20.0, took_s=10.0, complete=False)
    assert pace.is_due(20.0 + LONGEST_REST_S + 0.001)
