"""Run cases against a receiver of :mod:`tests.check.receivers`."""

from collections.abc import Sequence

import anyio

from okhook.check.catalogue import selected
from okhook.check.results import CaseResult, Outcome
from okhook.check.running import CheckRun
from okhook.check.target import Target
from okhook.check.traffic import Traffic
from okhook.secret import HookAuth, Secret
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from tests.check.receivers import Receiver, served

TYPES = (DEFAULT_EVENT_TYPE, "group.user_membership.add")

Results = dict[str, CaseResult]


def results_of(
    receiver: Receiver, only: Sequence[str] = (), *, observes: bool = True, wait_s: float = 0.4
) -> Results:
    """Serve a receiver, run the cases against it, and return their results."""
    with served(receiver) as url:
        return anyio.run(_run, receiver, url, only, observes, wait_s)


async def _run(
    receiver: Receiver, url: str, only: Sequence[str], observes: bool, wait_s: float
) -> Results:
    auth = None
    if receiver.secret is not None:
        auth = HookAuth(receiver.auth_field, Secret(receiver.secret))

    async def observe(uuid: str) -> int:
        return receiver.counts[uuid]

    async def restart() -> None:
        receiver.restart()

    target = Target(
        url,
        Traffic(auth, TYPES),
        observe=observe if observes else None,
        observe_wait_s=wait_s,
        restart=restart,
    )
    return {result.case.id: result async for result in CheckRun(selected(only), target).results()}


def failed(results: Results) -> dict[str, str | None]:
    """Return what came instead, by the id of each case that failed."""
    return {name: each.came for name, each in results.items() if each.outcome is Outcome.FAILED}
