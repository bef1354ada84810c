"""The counter of what is still to be sent: for a start with leftovers, and while an app is down."""

from collections.abc import Awaitable, Callable
from typing import final

from okhook.activity import Activity
from okhook.forward.activities import Backlogged
from okhook.records.attempt import Backlog

EVERY_S = 1.0


@final
class BacklogCounter:
    """Tells how much is to be sent to one target, when that changed, and once a second at most."""

    def __init__(
        self,
        target: str,
        *,
        count: Callable[[], Awaitable[Backlog]],
        publish: Callable[[Activity], None],
    ) -> None:
        self._target = target
        self._count = count
        self._publish = publish
        self._told: Backlog | None = None
        self._told_s = -EVERY_S
        self._may_differ = True

    def stir(self) -> None:
        """Take note that the number may have changed."""
        self._may_differ = True

    def due_s(self) -> float | None:
        """Return when :meth:`tell` has something to do; None where nothing changed."""
        return self._told_s + EVERY_S if self._may_differ else None

    async def tell_leftover(self, at_s: float) -> None:
        """Tell what is there from before, if there is anything."""
        backlog = await self._count_at(at_s)
        if backlog != Backlog(0, 0, 0):
            self._publish(Backlogged(self._target, backlog))

    async def tell(self, at_s: float) -> None:
        """Tell what there is, if it is time and something changed; ``at_s`` is a steady clock's."""
        due_s = self.due_s()
        if due_s is None or at_s < due_s:
            return
        before = self._told
        backlog = await self._count_at(at_s)
        if backlog != before:
            self._publish(Backlogged(self._target, backlog))

    async def _count_at(self, at_s: float) -> Backlog:
        self._may_differ = False
        self._told_s = at_s
        self._told = await self._count()
        return self._told
