"""One test over many values that lists every value that fails, instead of a test for each."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def check_each(values: Iterable[T], check: Callable[[T], None]) -> None:
    """Call ``check`` with every value; fail at the end with all the failures there were."""
    failures = []
    for value in values:
        try:
            check(value)
        except Exception as error:  # noqa: BLE001 - it is listed, and fails the test
            failures.append(f"{value!r}: {type(error).__name__}: {error}")
    assert not failures, "\n".join(failures)
