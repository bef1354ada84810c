"""This machine's local time, wherever the machine is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def local_time(zone: str) -> Iterator[None]:
    """Have local time be that of a ``zone``, as ``TZ`` has it, for as long as the block lasts."""
    try:
        with pytest.MonkeyPatch.context() as environ:
            environ.setenv("TZ", zone)
            time.tzset()
            yield
    finally:
        time.tzset()
