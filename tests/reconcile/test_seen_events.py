"""Each event once, within a bound of memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.reconcile import reconciler
from okhook.reconcile.reconciler import SeenEvents


@given(uuids=st.lists(st.sampled_from("abcdefghij"), max_size=60))
def test_each_comes_once(uuids: list[str]) -> None:
    """In whatever order they come, as long as they are remembered."""
    known = SeenEvents()
    assert [each for each in uuids if known.is_new(each)] == list(dict.fromkeys(uuids))


def test_so_many_are_remembered_and_not_many_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest are known whatever came before them, and the oldest are let go."""
    monkeypatch.setattr(reconciler, "_REMEMBERED", 10)
    known = SeenEvents()
    for number in range(100):
        assert known.is_new(f"uuid-{number}")
        latest = [f"uuid-{n}" for n in range(max(0, number - 9), number + 1)]
        assert not any(known.is_new(each) for each in latest)
    assert known.is_new("uuid-0")


def test_a_hundred_thousand_are_remembered() -> None:
    """As many as the longest logs that okhook is measured with have entries."""
    known = SeenEvents()
    assert all(known.is_new(f"uuid-{number}") for number in range(100_000))
    assert not any(known.is_new(f"uuid-{number}") for number in range(100_000))
