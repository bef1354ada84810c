"""Do the steps one after another, and find the event of each in the store."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Final

import anyio
import anyio.lowlevel

from okhook.errors import AnswerIsNo
from okhook.okta.client import Publish
from okhook.records.record import Record, RecordKind
from okhook.runtime.running_here import RunningHere
from okhook.store.contract import Reader
from okhook.trigger.activities import Arrived, Lost, StepDone, Triggered
from okhook.trigger.diagnosis import Command, Diagnosis
from okhook.trigger.event_path import NO_REPORT, EventPath, OrgLookup, OrgReport
from okhook.trigger.scenario import Scenario
from okhook.trigger.step_runner import StepRunner
from okhook.wire.delivery import Event

_PAGE = 200


class Arrivals:
    """Looks for events in the store. Each event counts once.

    The methods raise ``StoreFailed`` if the store cannot be read.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.known_uuids: set[str] = set()
        """The uuids of events that have arrived."""
        self._wanted: tuple[int, str | None] = (0, None)
        self._looked_up_to = 0

    def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        return self._reader.last_seq()

    def look(self, step: StepDone, since: int, uuid: str | None) -> Arrived | None:
        """Return the arrival of a step's event, or None if it has not arrived yet.

        It is recognised by ``uuid``, that of its log entry, or else by its type and its targets,
        among the records after ``since``. Records that were looked at before are passed over.
        """
        wanted = (since, uuid)
        if self._wanted != wanted:
            self._wanted, self._looked_up_to = wanted, since
        for record in self.records(self._looked_up_to):
            self._looked_up_to = record.seq
            if record.kind is not RecordKind.DELIVERY or record.is_reconstructed:
                continue
            for event in record.delivery.events:
                if self._is_meant(event, step, uuid):
                    self.known_uuids.update([event.uuid] if event.uuid is not None else [])
                    return _arrived(step, record, event)
        return None

    def records(self, since: int) -> Iterator[Record]:
        """Yield the records after ``since``, in order."""
        seq = since
        while found := self._reader.after(seq, _PAGE):
            yield from (each.record for each in found)
            seq = found[-1].record.seq

    def _is_meant(self, event: Event, step: StepDone, uuid: str | None) -> bool:
        if event.uuid is not None and event.uuid in self.known_uuids:
            return False
        if uuid is not None and event.uuid == uuid:
            return True
        targets = {target.id for target in event.targets}
        return event.event_type == step.event_type and step.target_ids <= targets


def _arrived(step: StepDone, record: Record, event: Event) -> Arrived:
    received_at = record.request.received_at
    return Arrived(
        step=step,
        seq=record.seq,
        uuid=event.uuid,
        event_id=record.delivery.event_id,
        hook_id=record.delivery.hook_id,
        received_at=received_at,
        # An event may be faster than the org's answer to what caused it.
        took_s=max(0.0, (received_at - step.at).total_seconds()),
    )


_STORE_LOOK_S = 0.05
ORG_LOOKS_S: Final = (1.0, 2.0, 3.0, 5.0, 10.0)
"""How long to wait before each look at the org; the last one repeats.

Okta lets a small org read its System Log sixty times a minute, and others read it too.
"""

AFTER_A_FAILURE_S: Final = 5.0
"""A failed delivery may be that of an earlier event; ours arrives or fails within this time."""

_LAST_LOOK_S = 10.0


class NotArrived(AnswerIsNo):
    """An event did not arrive. The findings were shown before."""


@dataclass(slots=True)
class EventWait:
    """Waits for the event of a step, and diagnoses why it does not arrive.

    ``wanted_types`` are all event types that are waited for, one after another. ``is_here`` if the
    org runs on this machine, and can call the receiver without a tunnel.
    """

    arrivals: Arrivals
    org: OrgLookup
    running_here: Callable[[], RunningHere]
    timeout_s: float
    wanted_types: tuple[str, ...]
    is_here: bool
    command: Command
    report: OrgReport = field(default=NO_REPORT, init=False)
    is_hopeless: bool = field(default=False, init=False)

    async def outcome(self, step: StepDone, since: int) -> Arrived | Lost:
        """Wait until the event is in the store, or until it certainly will not arrive.

        Raises:
            StoreFailed: the store cannot be read.
        """
        self.report, self.is_hopeless = NO_REPORT, False
        began = time.monotonic()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_asking, step)
            arrived = await self._arrival(step, since)
            tasks.cancel_scope.cancel()
        if arrived is None and not self.is_hopeless:
            with anyio.move_on_after(_LAST_LOOK_S):
                self.report = await self.org.report(step, self.arrivals.known_uuids)
        waited_s = time.monotonic() - began
        arrived = arrived or self.arrivals.look(step, since, self.report.uuid)
        return arrived or self._lost(step, since, waited_s)

    async def _arrival(self, step: StepDone, since: int) -> Arrived | None:
        with anyio.move_on_after(self.timeout_s):
            while not self.is_hopeless:
                arrived = self.arrivals.look(step, since, self.report.uuid)
                if arrived is not None:
                    return arrived
                await anyio.sleep(_STORE_LOOK_S)
        return None

    async def _keep_asking(self, step: StepDone) -> None:
        """Ask the org now and then, until the event certainly will not arrive."""
        failed = False
        for pause_s in chain(ORG_LOOKS_S, repeat(ORG_LOOKS_S[-1])):
            await anyio.sleep(AFTER_A_FAILURE_S if failed else pause_s)
            self.report = await self.org.report(step, self.arrivals.known_uuids)
            path = self._path(step)
            if failed or path.is_for_nobody or not path.running.receivers:
                self.is_hopeless = True
                return
            failed = path.has_failed

    def _lost(self, step: StepDone, since: int, waited_s: float) -> Lost:
        diagnosis = Diagnosis(
            self._path(step),
            tuple(self.arrivals.records(since)),
            self.wanted_types,
            is_here=self.is_here,
            command=self.command,
        )
        findings = tuple(diagnosis.findings())
        return Lost(step, waited_s, self.is_hopeless, self.report.uuid, findings)

    def _path(self, step: StepDone) -> EventPath:
        return EventPath(step.event_type, self.report, self.running_here())


async def trigger(
    scenario: Scenario, steps: StepRunner, wait: EventWait | None, *, org_url: str, publish: Publish
) -> None:
    """Do all steps. Without ``wait``, do not wait for their events.

    Raises:
        NotArrived: an event did not arrive; the steps after it are not done.
        CredentialsError, OktaRefused, Unavailable: the org did not do a step.
        StoreFailed: the store cannot be read, or what is created cannot be written down.
    """
    arrived = 0
    for step in scenario.steps:
        # Cancellation is delivered at the checkpoints: no write is cut short by it.
        await anyio.lowlevel.checkpoint()
        await steps.prepare(step)
        await anyio.lowlevel.checkpoint()
        since = 0 if wait is None else wait.arrivals.last_seq()
        done = await steps.run(step)
        publish(done)
        if wait is None or step.is_preparation:
            continue
        outcome = await wait.outcome(done, since)
        publish(outcome)
        if isinstance(outcome, Lost):
            raise _not_arrived(outcome)
        arrived += 1
    awaited = sum(not step.is_preparation for step in scenario.steps)
    publish(Triggered(org_url, scenario.name, awaited, arrived))


def _not_arrived(lost: Lost) -> NotArrived:
    """Return the error, with what the findings say to do next."""
    mends = dict.fromkeys(finding.remedy for finding in lost.findings if finding.remedy)
    outcome = "will not arrive" if lost.is_certain else "did not arrive in time"
    return NotArrived(f"{lost.step.event_type} {outcome}", next_step="\n".join(mends) or None)
