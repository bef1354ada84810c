"""Forwarding beside a receiver: woken as the store grows, and none where none is asked for."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol

from okhook.activity import Activity
from okhook.forward.ledger import ForwardLedger
from okhook.forward.running import ForwardConfig, running_forwarders
from okhook.secret import HookAuth


class GrowingLedger(ForwardLedger, Protocol):
    """A ledger that tells when there is more to forward."""

    def on_growth(self, told: Callable[[int], None]) -> None:
        """Have ``told`` called when there are more records."""
        ...


@asynccontextmanager
async def forwarding(
    config: ForwardConfig | None,
    *,
    ledger: GrowingLedger,
    auth: HookAuth | None,
    publish: Callable[[Activity], None],
    now: Callable[[], datetime],
) -> AsyncIterator[None]:
    """Forward what comes, and what is left from before, for as long as the block lasts.

    Entered before the receiver takes its first delivery, so that a new target misses none.

    Raises:
        StoreFailed: the targets cannot be written down.

    """
    if config is None:
        yield
        return
    async with running_forwarders(
        config, ledger=ledger, auth=auth, publish=publish, now=now
    ) as forwarders:
        ledger.on_growth(lambda _: forwarders.wake())
        yield
