"""Steps: each is told when it begins and when it is done, with the time that it took."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import final

from okhook.activity import Activity
from okhook.up.activities import StepBegan, StepDone, StepFailed


@final
class Step:
    """A step under way. ``detail`` is shown once it is done."""

    def __init__(self) -> None:
        self.detail = ""


@final
class Steps:
    """Tells of steps. ``clock`` gives seconds."""

    def __init__(
        self, publish: Callable[[Activity], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._publish = publish
        self._clock = clock

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[Step]:
        """Tell of the step ``name`` for as long as the block lasts."""
        step = Step()
        began = self._clock()
        self._publish(StepBegan(name))
        try:
            yield step
        except BaseException:
            self._publish(StepFailed(name))
            raise
        self._publish(StepDone(name, step.detail, self._clock() - began))
