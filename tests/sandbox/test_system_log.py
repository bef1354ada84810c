"""The System Log itself: its room, its numbers, and what lies in it by time and number."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.sandbox import system_log
from okhook.sandbox.system_log import Logged, SystemLog, logged

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def log_of(minutes: list[int]) -> SystemLog:
    """Return a log with an entry for each of these times, in this order, numbered from 1."""
    log = SystemLog(first_seq=1)
    for minute in minutes:
        log.append(at(minute), {"minute": minute})
    return log


def seqs(entries: list[Logged]) -> list[int]:
    return [entry.seq for entry in entries]


def test_an_entry_comes_back_as_it_was() -> None:
    """Also where UTF-8 cannot carry a text of it."""
    entry = {"eventType": "x.y", "n": [None, True, 1.5], "name": "Jörg \ud800"}
    kept = SystemLog(first_seq=3).append(NOW, entry)
    assert (kept.seq, kept.published, kept.event_type) == (3, NOW, "x.y")
    assert kept.entry == entry


def test_the_log_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory is bounded; the numbers go on, and what had to go is not shown."""
    monkeypatch.setattr(system_log, "CAPACITY", 3_000)
    template = logged(1, NOW, {})
    over = 1_500
    log = SystemLog(
        5,
        (
            Logged(5 + n, template.published, template.event_type, template.body)
            for n in range(3_000 + over)
        ),
    )
    kept = list(log.read(None, EPOCH))
    assert len(kept) == 3_000
    assert (kept[0].seq, log.last_seq) == (5 + over, 3_000 + over + 4)
    assert seqs(list(log.read(None, EPOCH, descending=True))) == seqs(kept)[::-1]
    assert seqs(log.newest(2)) == seqs(kept)[-2:]


def test_numbers_go_on_after_a_restart() -> None:
    """A cursor from before shows what happened since, and nothing twice."""
    earlier = [logged(10 + n, NOW, {}) for n in range(3)]
    log = SystemLog(first_seq=5, earlier=earlier)
    assert log.append(NOW, {}).seq == 13
    assert SystemLog(first_seq=50, earlier=earlier).append(NOW, {}).seq == 50


@given(
    minutes=st.lists(st.integers(0, 20), max_size=30),
    number=st.none() | st.integers(0, 35),
    since=st.integers(-1, 21),
)
def test_a_read_returns_every_matching_entry(
    minutes: list[int], number: int | None, since: int
) -> None:
    """By number and by time, in both directions, also where times do not follow the numbers."""
    log = log_of(minutes)
    forwards = list(log.read(number, at(since)))
    backwards = list(log.read(number, at(since), descending=True))
    numbered = list(enumerate(minutes, start=1))
    wanted = {n for n, minute in numbered if minute >= since}
    above = {n for n in wanted if number is None or n > number}
    below = {n for n in wanted if number is None or n < number}
    assert seqs(forwards) == sorted(seqs(forwards))
    assert seqs(backwards) == sorted(seqs(backwards), reverse=True)
    assert above <= set(seqs(forwards))
    assert below <= set(seqs(backwards))
    assert number is None or all(n > number for n in seqs(forwards))
    assert number is None or all(n < number for n in seqs(backwards))
    if minutes == sorted(minutes):
        assert set(seqs(forwards)) == above
        assert set(seqs(backwards)) == below
