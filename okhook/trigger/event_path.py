"""Ask the org about an event, and find out how far it got on its path to the receiver."""

from collections.abc import Awaitable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from okhook.errors import OkhookError
from okhook.okta.event_hooks import EventHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.system_log import (
    DELIVERY_FAILED,
    LogEntry,
    LogQuery,
    SystemLogApi,
    about,
    hook_event,
    is_one_of,
)
from okhook.reconcile.expected_events import filters_of
from okhook.runtime.running_here import RunningHere
from okhook.trigger.activities import StepDone

_ENTRIES = 20
_FAILURES = LogQuery(filter=is_one_of((DELIVERY_FAILED,)), newest_first=True, limit=20)
_CLOCKS_DIFFER = timedelta(minutes=2)
"""How far an org's clock and ours may be apart, if the entry's own time is unknown."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The org did not answer a question; ``why`` is the reason."""

    why: str


@dataclass(frozen=True, slots=True)
class OrgReport:
    """What the org reported about an event at one time.

    ``entry`` is the event's own, None if the log has none yet. ``failures`` are the entries
    ``event_hook.delivery`` since the event.
    """

    hooks: Sequence[EventHook] | NoAnswer
    entry: LogEntry | NoAnswer | None
    failures: Sequence[LogEntry] | NoAnswer

    @property
    def uuid(self) -> str | None:
        """The event's uuid, if its entry is known."""
        return self.entry.uuid if isinstance(self.entry, LogEntry) else None


_SILENT = NoAnswer("the org did not respond in time")

NO_REPORT = OrgReport(_SILENT, _SILENT, _SILENT)
"""The report before the org has answered."""


@dataclass(frozen=True, slots=True)
class OrgLookup:
    """Asks an org about events."""

    hooks: EventHooksApi
    log: SystemLogApi

    async def report(self, step: StepDone, others: Collection[str]) -> OrgReport:
        """Return a report about a step's event. ``others`` are the uuids of other events."""
        entry = await _answer(self._entry(step, others))
        since = entry.published if isinstance(entry, LogEntry) else step.at - _CLOCKS_DIFFER
        hooks = await _answer(self.hooks.all())
        return OrgReport(hooks, entry, await _answer(self._failures(since)))

    async def _entry(self, step: StepDone, others: Collection[str]) -> LogEntry | None:
        query = LogQuery(
            filter=about(step.user.id, (step.event_type,)),
            newest_first=True,
            limit=_ENTRIES,
        )
        for entry in await self.log.first_page(query):
            is_of_step = entry.event_type == step.event_type and entry.uuid not in others
            if is_of_step and step.target_ids <= set(entry.target_ids):
                return entry
        return None

    async def _failures(self, since: datetime) -> tuple[LogEntry, ...]:
        failures = await self.log.first_page(_FAILURES)
        return tuple(entry for entry in failures if entry.published >= since)


def reason_of(error: OkhookError) -> str:
    """Return what happened and why on one line, without the next step."""
    return "; ".join([error.what, *(error.why or "").splitlines()])


async def _answer(call: Awaitable[T]) -> T | NoAnswer:
    try:
        return await call
    except OkhookError as error:
        return NoAnswer(reason_of(error))


@dataclass(frozen=True, slots=True)
class EventPath:
    """One event at one time: what the org reported, and what runs here."""

    event_type: str
    report: OrgReport
    running: RunningHere

    @property
    def hooks(self) -> Sequence[EventHook]:
        """The org's hooks, if it lists them."""
        hooks = self.report.hooks
        return () if isinstance(hooks, NoAnswer) else hooks

    @property
    def ours(self) -> tuple[EventHook, ...]:
        """The hooks whose URLs lead to this machine."""
        return tuple(hook for hook in self.hooks if self.running.is_reached_by(hook.url))

    @property
    def of_interest(self) -> list[EventHook]:
        """Our hooks, or all if there are none. Those that deliver the event type come first."""
        hooks = self.ours or self.hooks
        return sorted(hooks, key=lambda h: (self.event_type not in h.events, not h.receives))

    @property
    def subscribed(self) -> list[EventHook]:
        """Those of interest with the event type. Those that the org delivers to come first."""
        return [hook for hook in self.of_interest if self.event_type in hook.events]

    @property
    def filtering(self) -> list[EventHook]:
        """Subscribed hooks whose filter rejects the event, if okhook understands the filter."""
        entry = self.report.entry
        if not isinstance(entry, LogEntry):
            return []
        event = hook_event(entry.raw)
        return [
            hook
            for hook in self.subscribed
            if (passes := filters_of(hook)[0].get(self.event_type)) and not passes(event)
        ]

    @property
    def is_for_nobody(self) -> bool:
        """Whether certainly no hook delivers the event here."""
        entry = self.report.entry
        if not isinstance(entry, LogEntry):
            return False
        if entry.hook_ids is None:
            return not isinstance(self.report.hooks, NoAnswer) and not self._expected()
        return not self._among_ours(entry.hook_ids)

    @property
    def failures(self) -> list[LogEntry]:
        """The failed deliveries since then, to our hooks or to subscribed ones."""
        failures = self.report.failures
        if isinstance(failures, NoAnswer):
            return []
        mattering = {hook.id for hook in self.ours or self.subscribed}
        return [each for each in failures if not each.target_ids or mattering & {*each.target_ids}]

    @property
    def has_failed(self) -> bool:
        """Whether every hook that should deliver the event has had a failed delivery since."""
        failed = {each for entry in self.failures for each in entry.target_ids}
        expected = self._expected()
        return bool(expected) and expected <= failed

    def _expected(self) -> frozenset[str]:
        """Return the ids of the hooks that should deliver the event, as far as known."""
        entry = self.report.entry
        if isinstance(entry, LogEntry) and entry.hook_ids is not None:
            return self._among_ours(entry.hook_ids)
        filtering = self.filtering
        return frozenset(
            hook.id for hook in self.subscribed if hook.receives and hook not in filtering
        )

    def _among_ours(self, hook_ids: Iterable[str]) -> frozenset[str]:
        ours = {hook.id for hook in self.ours}
        return frozenset(hook_ids) & ours if ours else frozenset(hook_ids)
