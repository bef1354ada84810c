"""Steps that must not be taken twice: where the answer is lost, look before the next try.

Each of them leaves an event in the System Log, so a step that was taken twice would make two.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar, final

from okhook.errors import OkhookError
from okhook.http.client import Answer
from okhook.okta.client import Call, OktaClient, OutcomeUnknown

_TRIES = 3
_LOOK_AFTER_S = 2.0
"""How long to leave a call whose answer was lost before looking what became of it."""

T = TypeVar("T")


@final
class Once:
    """Takes steps in one org."""

    def __init__(self, client: OktaClient, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._client = client
        self._sleep = sleep

    async def made(
        self,
        call: Call,
        read: Callable[[Answer], T],
        look: Callable[[], Awaitable[T | None]],
    ) -> T:
        """Make something, and return it; ``look`` finds it where the answer was lost.

        Raises:
            OutcomeUnknown: the answer was lost, and what became of it cannot be found out.
            CredentialsError, OktaRefused, Unavailable: it was not done.

        """
        try:
            return read(await self._client.call_once(call))
        except OutcomeUnknown as fault:
            lost = fault
        for _ in range(_TRIES - 1):
            try:
                await self._sleep(_LOOK_AFTER_S)
                found = await look()
                return read(await self._client.call_once(call)) if found is None else found
            except OutcomeUnknown as fault:
                lost = fault
            except OkhookError as fault:
                raise OutcomeUnknown(lost.what, why=fault.what, next_step=lost.next_step) from fault
        raise lost

    async def done(self, call: Call, look: Callable[[], Awaitable[bool]]) -> None:
        """Do something; ``look`` tells whether it was done where the answer was lost.

        Raises:
            OutcomeUnknown: the answer was lost, and what became of it cannot be found out.
            CredentialsError, OktaRefused, Unavailable: it was not done.

        """

        async def done_already() -> bool | None:
            return await look() or None

        await self.made(call, lambda _: True, done_already)
