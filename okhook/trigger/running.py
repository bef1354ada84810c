"""Do the steps one after another, and wait for the event of each."""

import time
from collections.abc import Callable
from typing import Final, final

import anyio
import anyio.lowlevel

from okhook.activity import Activity
from okhook.errors import AnswerIsNo
from okhook.trigger.acting import Acting
from okhook.trigger.activities import Arrived, Lost, StepDone, Triggered
from okhook.trigger.around import Around
from okhook.trigger.arrival import Arrivals
from okhook.trigger.how_far import Evidence, how_far
from okhook.trigger.outlook import UNKNOWN, Lookout, Outlook
from okhook.trigger.scenario import Scenario, Step
from okhook.trigger.situation import Situation
from okhook.trigger.the_way import Command

_STORE_LOOK_S = 0.05
_ORG_LOOKS_S: Final = (1.0, 2.0, 3.0, 5.0, 10.0)
"""How long to leave it before each look at the org; the last one goes on for ever.

Okta lets a small org read its System Log sixty times a minute, and others read it too.
"""

_AFTER_A_FAILURE_S = 5.0
"""A delivery that failed may be that of an event just before; ours takes no longer than this."""

_LAST_LOOK_S = 10.0

Publish = Callable[[Activity], None]


class NotArrived(AnswerIsNo):
    """An event did not arrive; how far it got was told."""


@final
class Waiting:
    """Waits for the event of a step, and says how far it got where it does not come.

    ``wanted_types`` are all that are waited for, one after another: what mends one, mends all.
    An org that ``is_here``, a sandbox, calls the receiver itself.
    """

    def __init__(
        self,
        arrivals: Arrivals,
        lookout: Lookout,
        around: Callable[[], Around],
        *,
        timeout_s: float,
        wanted_types: tuple[str, ...],
        is_here: bool,
        command: Command,
    ) -> None:
        self._arrivals = arrivals
        self._lookout = lookout
        self._around = around
        self._timeout_s = timeout_s
        self._wanted_types = wanted_types
        self._is_here = is_here
        self._command = command
        self._outlook = UNKNOWN
        self._is_hopeless = False

    def since(self) -> int:
        """Return where the store ends, before a step is done."""
        return self._arrivals.last_seq()

    async def outcome(self, step: StepDone, since: int) -> Arrived | Lost:
        """Wait until the event is in the store, or until it is certain that it will not come.

        Raises:
            StoreFailed: the store cannot be read.

        """
        self._outlook, self._is_hopeless = UNKNOWN, False
        began = time.monotonic()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_asking, step)
            arrived = await self._arrival(step, since)
            tasks.cancel_scope.cancel()
        if arrived is not None:
            return arrived
        if not self._is_hopeless:
            with anyio.move_on_after(_LAST_LOOK_S):
                self._outlook = await self._look(step)
        waited_s = time.monotonic() - began
        return self._arrivals.look(step, since, self._outlook.uuid) or self._lost(
            step, since, waited_s
        )

    async def _arrival(self, step: StepDone, since: int) -> Arrived | None:
        with anyio.move_on_after(self._timeout_s):
            while not self._is_hopeless:
                arrived = self._arrivals.look(step, since, self._outlook.uuid)
                if arrived is not None:
                    return arrived
                await anyio.sleep(_STORE_LOOK_S)
        return None

    async def _keep_asking(self, step: StepDone) -> None:
        """Look at the org now and then, until it is certain that the event will not come."""
        looks = iter(_ORG_LOOKS_S)
        failed = False
        while True:
            pause_s = next(looks, _ORG_LOOKS_S[-1])
            await anyio.sleep(_AFTER_A_FAILURE_S if failed else pause_s)
            self._outlook = await self._look(step)
            situation = self._situation(step)
            if failed or situation.is_for_nobody or not situation.around.receivers:
                self._is_hopeless = True
                return
            failed = situation.has_failed

    async def _look(self, step: StepDone) -> Outlook:
        return await self._lookout.look(step, self._arrivals.known_uuids)

    def _lost(self, step: StepDone, since: int, waited_s: float) -> Lost:
        evidence = Evidence(
            self._situation(step),
            tuple(self._arrivals.records(since)),
            self._wanted_types,
            self._is_here,
        )
        findings = how_far(evidence, self._command)
        return Lost(step, waited_s, self._is_hopeless, self._outlook.uuid, findings)

    def _situation(self, step: StepDone) -> Situation:
        return Situation(step.event_type, self._outlook, self._around())


async def trigger(
    scenario: Scenario, acting: Acting, waiting: Waiting | None, *, org_url: str, publish: Publish
) -> None:
    """Do all steps; ``waiting`` None does them and waits for nothing.

    Raises:
        NotArrived: an event did not; the steps after it are not done.
        CredentialsError, OktaRefused, Unavailable: the org did not do a step.
        StoreFailed: the store cannot be read, or what is made cannot be written down.

    """
    arrived = 0
    for step in scenario.steps:
        outcome = await _take(step, acting, waiting, publish)
        if isinstance(outcome, Lost):
            publish(outcome)
            raise _not_arrived(outcome)
        if outcome is not None:
            publish(outcome)
            arrived += 1
    awaited = sum(not step.is_preparation for step in scenario.steps)
    publish(Triggered(org_url, scenario.name, awaited, arrived))


async def _take(
    step: Step, acting: Acting, waiting: Waiting | None, publish: Publish
) -> Arrived | Lost | None:
    """Take a step. A write that is under way is not cancelled, so there is a gap before each."""
    await anyio.lowlevel.checkpoint()
    await acting.prepare(step)
    await anyio.lowlevel.checkpoint()
    since = 0 if waiting is None else waiting.since()
    done = await acting.do(step)
    publish(done)
    if waiting is None or step.is_preparation:
        return None
    return await waiting.outcome(done, since)


def _not_arrived(lost: Lost) -> NotArrived:
    """Return the outcome, with what mends it where a finding says it."""
    mends = dict.fromkeys(finding.mend for finding in lost.findings if finding.mend)
    outcome = "will not arrive" if lost.is_certain else "did not arrive in time"
    return NotArrived(
        f"{lost.step.event_type} {outcome}",
        next_step="\n".join(mends) or None,
    )
