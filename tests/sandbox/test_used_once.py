"""Ids that count once: remembered as long as they could be believed, and no longer."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from okhook.sandbox.used_once import UsedOnce

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MEMORY = timedelta(seconds=10)


@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 8)), max_size=40))
def test_no_id_is_new_twice_within_its_time(steps: list[tuple[str, int]]) -> None:
    """Whenever and in whatever order they come; after that time it counts again."""
    once = UsedOnce(MEMORY)
    now, taken = NOON, dict[str, datetime]()
    for id_, passed_s in steps:
        now += timedelta(seconds=passed_s)
        is_new = id_ not in taken or taken[id_] <= now - MEMORY
        assert once.is_new(id_, now) == is_new
        if is_new:
            taken[id_] = now
