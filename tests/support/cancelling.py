"""Cancel something at each of its moments."""

from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import anyio.lowlevel


async def cancelled_after(
    turns: int, run: Callable[[anyio.CancelScope], Coroutine[Any, Any, None]]
) -> None:
    """Run ``run``, and cancel the scope that it gets after so many turns of the event loop."""
    async with anyio.create_task_group() as tasks:
        scope = anyio.CancelScope()
        tasks.start_soon(run, scope)
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        scope.cancel()
