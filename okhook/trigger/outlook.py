"""What the org says about an event on its way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, final

from okhook.errors import OkhookError
from okhook.okta.event_hooks import EventHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.log_entry import LogEntry
from okhook.okta.system_log import LogQuery, SystemLogApi, about, is_one_of
from okhook.trigger.activities import StepDone
from okhook.trigger.reason import reason_of

_ENTRIES = 20
_FAILURES = LogQuery(filter='eventType eq "event_hook.delivery"', newest_first=True, limit=20)
_CLOCKS_DIFFER = timedelta(minutes=2)
"""How far an org's clock and ours may be apart, where the entry's own time is not known."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NotTold:
    """The org did not say; ``why`` is its refusal."""

    why: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the org said at one time.

    ``entry`` is the event's own, None where the log has none so far. ``failures`` are the entries
    ``event_hook.delivery`` since then.
    """

    hooks: tuple[EventHook, ...] | NotTold
    entry: LogEntry | NotTold | None
    failures: tuple[LogEntry, ...] | NotTold

    @property
    def uuid(self) -> str | None:
        """The event's uuid, where its entry is known."""
        return self.entry.uuid if isinstance(self.entry, LogEntry) else None


_SILENT = NotTold("the org did not answer in time")

UNKNOWN = Outlook(_SILENT, _SILENT, _SILENT)
"""What is known before the org has said anything."""


@final
class Lookout:
    """Asks an org about events."""

    def __init__(self, hooks: EventHooksApi, log: SystemLogApi) -> None:
        self._hooks = hooks
        self._log = log

    async def hooks(self) -> tuple[EventHook, ...] | NotTold:
        """Return the org's hooks."""

        async def ask() -> tuple[EventHook, ...]:
            return tuple(await self._hooks.all())

        return await _told(ask)

    async def look(self, step: StepDone, others: frozenset[str]) -> Outlook:
        """Return what the org says about a step's event; ``others`` are uuids of other ones."""

        async def entry() -> LogEntry | None:
            return await self._entry(step, others)

        found = await _told(entry)
        since = found.published if isinstance(found, LogEntry) else step.at - _CLOCKS_DIFFER

        async def failures() -> tuple[LogEntry, ...]:
            return await self._failures(since)

        return Outlook(await self.hooks(), found, await _told(failures))

    async def _entry(self, step: StepDone, others: frozenset[str]) -> LogEntry | None:
        query = LogQuery(
            filter=about(step.user.id, is_one_of((step.event_type,))),
            newest_first=True,
            limit=_ENTRIES,
        )
        page = await self._log.page(query.path())
        meant = (
            entry
            for entry in page.entries
            if entry.event_type == step.event_type
            and entry.uuid not in others
            and step.target_ids <= set(entry.target_ids)
        )
        return next(meant, None)

    async def _failures(self, since: datetime) -> tuple[LogEntry, ...]:
        page = await self._log.page(_FAILURES.path())
        return tuple(entry for entry in page.entries if entry.published >= since)


async def _told(ask: Callable[[], Awaitable[T]]) -> T | NotTold:
    try:
        return await ask()
    except OkhookError as error:
        return NotTold(reason_of(error))
