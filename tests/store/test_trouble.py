"""Trouble: one report when a store stops working, and one when it works again."""

from okhook.errors import StoreFailed
from okhook.store.trouble import Trouble


def test_it_is_reported_once_until_every_part_works_again() -> None:
    """However many parts fail, and however often."""
    told: list[str] = []
    trouble = Trouble(went=lambda e: told.append(e.what), came_back=lambda: told.append("back"))
    trouble.worked("one")
    trouble.failed("one", StoreFailed("gone"))
    trouble.failed("one", StoreFailed("gone"))
    trouble.failed("two", StoreFailed("gone as well"))
    trouble.worked("one")
    assert told == ["gone"]
    assert (trouble.is_failing("one"), trouble.is_failing("two")) == (False, True)
    trouble.worked("two")
    trouble.worked("two")
    assert told == ["gone", "back"]
    trouble.failed("one", StoreFailed("gone again"))
    assert told == ["gone", "back", "gone again"]
