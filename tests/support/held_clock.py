"""A clock of the event loop that stands still until a test moves it. Sockets and threads go on.

What must happen within a time limit happens within it, however busy the machine is; and a limit is
passed when the test says so. ``tests.forward.virtual_time`` is for plays without sockets.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

_TICK_S = 0.02
_TURNS = 20
"""How many turns of the loop bring what was sent on loopback to the task that waits for it."""


class HeldClock:
    """The clock of the running loop, for as long as :func:`held_clock` holds it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._now_s = loop.time()

    def time(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Move it; any thread may. Whoever waited until then goes on."""
        self._now_s += seconds
        self._loop.call_soon_threadsafe(lambda: None)  # wakes it, so that it looks at its clock

    async def advance_when_read(self, seconds: float) -> None:
        """Move it after what was sent on a socket of this loop has been read on it."""
        for _ in range(_TURNS):
            await anyio.lowlevel.checkpoint()
        self.advance(seconds)


@contextmanager
def held_clock() -> Iterator[HeldClock]:
    """Hold the running loop's clock for as long as the block lasts.

    End servers after the block: they look every few milliseconds whether they may end.
    """
    loop = asyncio.get_running_loop()
    clock = HeldClock(loop)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "time", clock.time)
        yield clock


@asynccontextmanager
async def own_clock() -> AsyncIterator[None]:
    """Let the clock go on as far as the loop gets its turns: what the machine takes is not counted.

    So a limit of production can be measured beside anything.
    """
    with held_clock() as clock:

        async def tick() -> None:
            while True:
                await anyio.to_thread.run_sync(time.sleep, _TICK_S)
                clock.advance(_TICK_S)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tick)
            yield
            tasks.cancel_scope.cancel()
