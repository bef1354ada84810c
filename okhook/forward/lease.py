"""Forward to a target while this process has its lease: one of the receivers of a name does."""

from collections.abc import Callable, Coroutine
from typing import Any

import anyio

from okhook.activity import Activity, Warned
from okhook.errors import StoreFailed
from okhook.forward.retry import waits
from okhook.records.activities import TargetTaken
from okhook.runtime.counters import LeaseSeen, ServiceCounters
from okhook.store.contract import Lease, LeaseLost, LeaseTaken, Store
from okhook.wire.url import without_credentials

_TRY_EVERY_S = 1.0
"""How often to try to take a target over."""


async def forward_while_leased(
    url: str,
    forward: Callable[[Lease], Coroutine[Any, Any, None]],
    *,
    store: Store,
    publish: Callable[[Activity], None],
    counters: ServiceCounters,
    ending: anyio.Event,
) -> None:
    """Run ``forward`` whenever this process has the lease of a target, until ``ending``.

    While another one has it, that one sends it all. Both changes are published.
    """
    said: Warned | None = None
    shown = without_credentials(url)
    while not ending.is_set():
        try:
            async with store.lease(url) as lease:
                if said is not None:
                    publish(TargetTaken(url))
                said, counters.leases[url] = None, _seen(lease)
                await _until_lost(lease, forward)
            continue  # it was taken over, or else it is free again
        except LeaseTaken:
            reason = Warned(f"another okhook with this receiver name forwards to {shown}")
            counters.leases[url] = LeaseSeen(held=False)
        except StoreFailed as error:
            reason = waits(f"forwarding to {shown}", error)
            counters.leases.pop(url, None)
        if reason != said:
            publish(reason)
        said = reason
        with anyio.move_on_after(_TRY_EVERY_S):
            await ending.wait()


def _seen(lease: Lease) -> LeaseSeen:
    return LeaseSeen(held=True, is_sure=lambda: lease.is_sure)


async def _until_lost(lease: Lease, forward: Callable[[Lease], Coroutine[Any, Any, None]]) -> None:
    """Run ``forward`` until it ends, or until the lease is lost."""
    try:
        async with anyio.create_task_group() as tasks:

            async def run() -> None:
                await forward(lease)
                tasks.cancel_scope.cancel()

            tasks.start_soon(run)
            await lease.lost()
            tasks.cancel_scope.cancel()
    except* LeaseLost:  # an attempt, or its outcome, was refused first
        pass
