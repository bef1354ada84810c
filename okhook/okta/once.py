"""Calls that must not be made twice: where the answer is lost, look before the next try.

Each of them leaves an event in the System Log, so a call that is made twice would make two.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from okhook.errors import OkhookError
from okhook.okta.client import Call, OktaClient, OutcomeUnknown

_TRIES = 3
LOOK_AFTER_S = 2.0
"""How long to wait after a lost answer before looking what became of the call."""

T = TypeVar("T")


async def made_once(
    client: OktaClient,
    make: Callable[[], Awaitable[T]],
    look: Callable[[], Awaitable[T | None]],
    *,
    on_lost: Callable[[OutcomeUnknown], None] = lambda _: None,
) -> T:
    """Make something, and return it; ``look`` finds it where the answer was lost.

    ``on_lost`` is called with each lost answer, before the look.

    Raises:
        OutcomeUnknown: the answer was lost, and what became of it cannot be found out.
        CredentialsError, OktaRefused, Unavailable: it was not done.
    """
    try:
        return await make()
    except OutcomeUnknown as fault:
        lost = fault
    for _ in range(_TRIES - 1):
        on_lost(lost)
        await client.sleep(LOOK_AFTER_S)
        try:
            found = await look()
            return await make() if found is None else found
        except OutcomeUnknown as fault:
            lost = fault
        except OkhookError as fault:
            raise OutcomeUnknown(lost.what, why=fault.what, next_step=lost.next_step) from fault
    raise lost


async def done_once(client: OktaClient, call: Call, look: Callable[[], Awaitable[bool]]) -> None:
    """Make a ``once`` call; ``look`` tells whether it was done where the answer was lost.

    Raises:
        OutcomeUnknown: the answer was lost, and what became of it cannot be found out.
        CredentialsError, OktaRefused, Unavailable: it was not done.
    """

    async def done() -> bool:
        await client.call(call)
        return True

    async def done_already() -> bool | None:
        return await look() or None

    await made_once(client, done, done_already)
