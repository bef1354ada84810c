"""Publish each step of ``okhook up`` as it begins and ends, with the time it took."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from okhook.activity import Activity
from okhook.up.activities import StepChanged

T = TypeVar("T")


@dataclass(slots=True)
class Step:
    """A step in progress. ``detail`` is shown when it is done."""

    detail: str = ""


@asynccontextmanager
async def step(name: str, publish: Callable[[Activity], None]) -> AsyncIterator[Step]:
    """Run the block as the step ``name``."""
    current = Step()
    began = time.monotonic()
    publish(StepChanged(name, "waiting"))
    try:
        yield current
    except BaseException:
        publish(StepChanged(name, "failed"))
        raise
    publish(StepChanged(name, "done", current.detail, time.monotonic() - began))


async def start(
    name: str,
    part: AbstractAsyncContextManager[T],
    stack: AsyncExitStack,
    publish: Callable[[Activity], None],
    *,
    detail: Callable[[T], str],
) -> T:
    """Start a part as the step ``name``. The part runs until ``stack`` closes."""
    async with step(name, publish) as current:
        started = await stack.enter_async_context(part)
        current.detail = detail(started)
    return started
