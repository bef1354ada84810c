"""The pace of deriving: nothing waits in vain, and deliveries do not wait for it."""

from hypothesis import given
from hypothesis import strategies as st

from okhook.store.pace import AGAIN_AFTER_S, REST_PER_WORK, Pace


def test_the_first_step_is_due_at_once() -> None:
    """An earlier run may have left something."""
    assert Pace().patience_s(100.0) == 0.0


def test_with_nothing_left_it_waits_for_a_delivery() -> None:
    """A store in which all is derived needs no processor."""
    pace = Pace()
    pace.derived(1.0, took_s=0.1, complete=True)
    assert pace.patience_s(2.0) is None
    pace.wrote(3.0)
    assert pace.is_due(3.0)


def test_a_store_at_rest_is_derived_without_a_pause() -> None:
    """After a crash or a flood the rest is caught up with as fast as it goes."""
    pace = Pace()
    pace.derived(1.0, took_s=0.1, complete=False)
    assert pace.is_due(1.0)


def test_a_fault_is_tried_again_later() -> None:
    """A full disk is no reason to turn in circles."""
    pace = Pace()
    pace.failed(1.0)
    assert pace.patience_s(1.0) == AGAIN_AFTER_S


@given(st.lists(st.floats(0.0001, 0.1), min_size=1))
def test_while_deliveries_come_it_takes_little_of_the_time(steps_s: list[float]) -> None:
    """However long its steps take, many times as long belongs to the deliveries."""
    pace, now, worked_s = Pace(), 0.0, 0.0
    for took_s in steps_s:
        now += took_s
        worked_s += took_s
        pace.wrote(now)
        pace.derived(now, took_s=took_s, complete=False)
        patience_s = pace.patience_s(now)
        assert patience_s is not None
        now += patience_s
    assert worked_s <= now / REST_PER_WORK
