"""A clock that leaps for every event loop of this process, for a command that a test runs in it.

``--within 60s`` is over in a moment, and only when what should come before it has come.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest


@contextmanager
def leaping_clock() -> Iterator[Callable[[float], None]]:
    """Yield a function that lets so many seconds pass; any thread may call it.

    uvloop has a clock of its own.
    """
    passed_s, loops = 0.0, set[asyncio.BaseEventLoop]()

    def now_s(loop: asyncio.BaseEventLoop) -> float:
        loops.add(loop)
        return time.monotonic() + passed_s

    def leap(seconds: float) -> None:
        nonlocal passed_s
        passed_s += seconds
        for loop in tuple(loops):
            with suppress(RuntimeError):  # it has ended
                loop.call_soon_threadsafe(lambda: None)  # wakes it, so that it looks at its clock

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio.BaseEventLoop, "time", now_s)
        yield leap
