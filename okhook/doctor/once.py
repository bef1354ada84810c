"""An answer that several checks need, asked for once."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, final

import anyio

from okhook.errors import OkhookError

T = TypeVar("T")


@final
class Once(Generic[T]):
    """Asks on the first :meth:`get`, and remembers the answer, or the fault in its place.

    Where whoever asked first is cancelled, the next one asks anew.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asking = anyio.Lock()
        self._answers: list[T] = []
        self._fault: OkhookError | None = None

    async def get(self) -> T:
        """Return the answer.

        Raises:
            OkhookError: there is none; to everyone who asks.

        """
        async with self._asking:
            if self._fault is not None:
                raise self._fault
            if not self._answers:
                try:
                    self._answers.append(await self._ask())
                except OkhookError as fault:
                    self._fault = fault
                    raise
            return self._answers[0]

    async def get_or_none(self) -> T | None:
        """Return the answer, or None where there is none: the check that asks for it says why."""
        try:
            return await self.get()
        except OkhookError:
            return None
