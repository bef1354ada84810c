"""A clock that leaps for every event loop of this process, for a command that a test runs in it.

``--within 60s`` is over in a moment, and only when what should come before it has come.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def leaping_clock() -> Iterator[Callable[[float], None]]:
    """Yield a function that lets so many seconds pass; any thread may call it.

    A loop notices it when it next wakes: a server's does ten times a second. uvloop has a clock of
    its own.
    """
    passed_s = 0.0

    def leap(seconds: float) -> None:
        nonlocal passed_s
        passed_s += seconds

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio.BaseEventLoop, "time", lambda _: time.monotonic() + passed_s)
        yield leap
