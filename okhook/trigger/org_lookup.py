"""Ask the org about an event: for its log entry, the hooks, and failed deliveries."""

from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from okhook.errors import OkhookError
from okhook.okta.event_hooks import EventHook, EventHooksApi
from okhook.okta.system_log import (
    DELIVERY_FAILED,
    LogEntry,
    LogQuery,
    SystemLogApi,
    about,
    is_one_of,
)
from okhook.trigger.activities import StepDone

_ENTRIES = 20
_FAILURES = LogQuery(filter=is_one_of((DELIVERY_FAILED,)), newest_first=True, limit=20)
_CLOCKS_DIFFER = timedelta(minutes=2)
"""How far an org's clock and ours may be apart, if the entry's own time is unknown."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotTold:
    """The org did not answer a question; ``why`` is the reason."""

    why: str


@dataclass(frozen=True, slots=True)
class OrgReport:
    """What the org reported about an event at one time.

    ``entry`` is the event's own, None if the log has none yet. ``failures`` are the entries
    ``event_hook.delivery`` since the event.
    """

    hooks: Sequence[EventHook] | NotTold
    entry: LogEntry | NotTold | None
    failures: Sequence[LogEntry] | NotTold

    @property
    def uuid(self) -> str | None:
        """The event's uuid, if its entry is known."""
        return self.entry.uuid if isinstance(self.entry, LogEntry) else None


_SILENT = NotTold("the org did not answer in time")

NO_REPORT = OrgReport(_SILENT, _SILENT, _SILENT)
"""The report before the org has answered."""


class OrgLookup:
    """Asks an org about events."""

    def __init__(self, hooks: EventHooksApi, log: SystemLogApi) -> None:
        self._hooks = hooks
        self._log = log

    async def hooks(self) -> Sequence[EventHook] | NotTold:
        """Return the org's hooks."""
        return await _answer(self._hooks.all())

    async def report(self, step: StepDone, others: Collection[str]) -> OrgReport:
        """Return a report about a step's event. ``others`` are the uuids of other events."""
        entry = await _answer(self._entry(step, others))
        since = entry.published if isinstance(entry, LogEntry) else step.at - _CLOCKS_DIFFER
        return OrgReport(await self.hooks(), entry, await _answer(self._failures(since)))

    async def _entry(self, step: StepDone, others: Collection[str]) -> LogEntry | None:
        query = LogQuery(
            filter=about(step.user.id, is_one_of((step.event_type,))),
            newest_first=True,
            limit=_ENTRIES,
        )
        for entry in await self._log.first_page(query):
            is_of_step = entry.event_type == step.event_type and entry.uuid not in others
            if is_of_step and step.target_ids <= set(entry.target_ids):
                return entry
        return None

    async def _failures(self, since: datetime) -> tuple[LogEntry, ...]:
        failures = await self._log.first_page(_FAILURES)
        return tuple(entry for entry in failures if entry.published >= since)


def reason_of(error: OkhookError) -> str:
    """Return what happened and why on one line, without the next step."""
    return "; ".join([error.what, *(error.why or "").splitlines()])


async def _answer(call: Awaitable[T]) -> T | NotTold:
    try:
        return await call
    except OkhookError as error:
        return NotTold(reason_of(error))
