"""The pace of deriving: nothing waits in vain, and deliveries do not wait for it."""

from hypothesis import given
from hypothesis import strategies as st

from okhook.store.sqlite.deriving import AGAIN_AFTER_S, POURING_WITHIN_S, REST_PER_WORK, Pace


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


def test_what_comes_alone_is_derived_from_without_a_rest() -> None:
    """A single delivery is on screen at once, however long a step takes."""
    pace = Pace()
    pace.wrote(10.0)
    pace.derived(10.1, took_s=0.1, complete=False)
    assert pace.is_due(10.1)


def test_a_rest_is_kept_though_all_is_derived() -> None:
    """In a pour each delivery would be worth a step of its own, and they would all wait for it."""
    pace = Pace()
    pace.wrote(10.0)
    pace.wrote(10.01)
    pace.derived(10.02, took_s=0.01, complete=True)
    pace.wrote(10.03)
    assert not pace.is_due(10.02 + 0.01 * REST_PER_WORK - 0.001)
    assert pace.is_due(10.02 + 0.01 * REST_PER_WORK + 0.001)


@given(st.lists(st.floats(0.0001, 0.1), min_size=1))
def test_while_deliveries_pour_in_it_takes_little_of_the_time(steps_s: list[float]) -> None:
    """However long its steps take, many times as long belongs to the deliveries."""
    pace, now, worked_s = Pace(), 0.0, 0.0
    for took_s in steps_s:
        pace.wrote(now)
        pace.wrote(now + POURING_WITHIN_S / 2)
        now += took_s
        worked_s += took_s
        pace.derived(now, took_s=took_s, complete=False)
        patience_s = pace.patience_s(now)
        assert patience_s is not None
        now += patience_s
    assert worked_s <= now / REST_PER_WORK
