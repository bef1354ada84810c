"""Steps: each is published when it begins and when it is done, with the time that it took."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar, final

from okhook.activity import Activity
from okhook.up.activities import StepChanged

T = TypeVar("T")


@dataclass(slots=True)
class Step:
    """A step under way. ``detail`` is shown once it is done."""

    detail: str = ""


@final
class Steps:
    """Publishes steps. ``clock`` gives seconds."""

    def __init__(
        self, publish: Callable[[Activity], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._publish = publish
        self._clock = clock

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[Step]:
        """Publish that the step ``name`` begins, and at the end of the block how it ended."""
        step = Step()
        began = self._clock()
        self._publish(StepChanged(name, "waiting"))
        try:
            yield step
        except BaseException:
            self._publish(StepChanged(name, "failed"))
            raise
        self._publish(StepChanged(name, "done", step.detail, self._clock() - began))

    async def start(
        self,
        name: str,
        part: AbstractAsyncContextManager[T],
        held: AsyncExitStack,
        detail: Callable[[T], str],
    ) -> T:
        """Start a part as the step ``name``; it runs until ``held`` closes."""
        async with self.step(name) as step:
            started = await held.enter_async_context(part)
            step.detail = detail(started)
        return started
