"""Counting: what became of an event, by type and hour, and where the next run begins."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.okta.system_log import read_log_entry
from okhook.reconcile.activities import Fate, Tally, fate_of
from tests.okta.fake_log import log_entry
from tests.reconcile.rig import ADD, CREATE, after, an_entry


@pytest.mark.parametrize(
    ("copies", "minutes", "fate"),
    [
        (0, 0, Fate.MISSED),
        (0, 9.99, Fate.MISSED),
        (0, 10, Fate.PENDING),
        (0, 11, Fate.PENDING),
        (1, 0, Fate.RECEIVED),
        (1, 11, Fate.RECEIVED),
        (2, 0, Fate.DUPLICATED),
        (7, 11, Fate.DUPLICATED),
    ],
)
def test_what_became_of_an_event(copies: int, minutes: float, fate: Fate) -> None:
    """What is here is here, however young; what is not may come until the grace is over."""
    assert fate_of(an_entry(minutes=minutes), copies, missed_before=after(10)) is fate


@given(
    counted=st.lists(
        st.tuples(st.sampled_from([CREATE, ADD]), st.integers(-200, 200), st.sampled_from(Fate)),
        max_size=30,
    )
)
def test_counts_by_type_and_hour(counted: list[tuple[str, int, Fate]]) -> None:
    """Each event once in its own cell and once in the sum, under its fate."""
    tally = Tally()
    for event_type, minutes, fate in counted:
        tally.count(an_entry("u", event_type, minutes), fate)
    for fate in Fate:
        assert getattr(tally.total, fate.value) == sum(each[2] is fate for each in counted)
    assert tally.total.expected == len(counted)
    cells = {
        (event_type, after(60 * (minutes // 60)), fate) for event_type, minutes, fate in counted
    }
    assert set(tally.cells) == {(event_type, hour) for event_type, hour, _ in cells}
    for event_type, hour, fate in cells:
        cell = tally.cells[event_type, hour]
        assert getattr(cell, fate.value) == sum(
            each == event_type and after(60 * (minutes // 60)) == hour and became is fate
            for each, minutes, became in counted
        )


def test_an_hour_begins_in_utc() -> None:
    """An offset of half an hour moves no event into another hour."""
    entry = read_log_entry({**log_entry(), "published": "2026-11-24T17:40:00.5+05:30"})
    tally = Tally()
    tally.count(entry, Fate.MISSED)
    assert list(tally.cells) == [(CREATE, datetime(2026, 11, 24, 12, tzinfo=UTC))]


@given(minutes=st.lists(st.integers(-60, 60), min_size=1, max_size=6))
def test_the_first_that_is_open_counts(minutes: list[int]) -> None:
    """In whatever order they are found: the log gives late entries after younger ones."""
    tally = Tally()
    assert tally.unsettled is None
    for each in minutes:
        tally.leave_open(an_entry(minutes=each))
    assert tally.unsettled == after(min(minutes))
