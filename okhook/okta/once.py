"""Make a call only once: if its answer is lost, check the result before trying again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from okhook.errors import OkhookError
from okhook.okta.client import Call, OktaClient, OutcomeUnknown

_TRIES = 3
LOOK_AFTER_S = 2.0
"""The wait between a lost answer and the check."""

T = TypeVar("T")


async def made_once(
    client: OktaClient,
    make: Callable[[], Awaitable[T]],
    look: Callable[[], Awaitable[T | None]],
    *,
    on_lost: Callable[[OutcomeUnknown], None] = lambda _: None,
) -> T:
    """Return what ``make`` makes; if its answer is lost, return what ``look`` finds.

    Raises:
        OutcomeUnknown: the answer was lost, and the check failed.
        CredentialsError, OktaRefused, Unavailable: the call failed.
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
    """Make a ``once`` call; if its answer is lost, ``look`` returns whether it was done."""

    async def done() -> bool:
        await client.call(call)
        return True

    async def done_already() -> bool | None:
        return await look() or None

    await made_once(client, done, done_already)
