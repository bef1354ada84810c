"""How far an event got on its path from the org to the receiver. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import LogEntry, hook_event
from okhook.reconcile.expected_events import filters_of
from okhook.runtime.run_files import UpRun
from okhook.runtime.running_here import RunningHere
from okhook.trigger.org_lookup import NotTold, OrgReport


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
        return () if isinstance(hooks, NotTold) else hooks

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
            return not isinstance(self.report.hooks, NotTold) and not self._expected()
        return not self._among_ours(entry.hook_ids)

    @property
    def failures(self) -> list[LogEntry]:
        """The failed deliveries since then, to our hooks or to subscribed ones."""
        failures = self.report.failures
        if isinstance(failures, NotTold):
            return []
        mattering = {hook.id for hook in self.ours or self.subscribed}
        return [each for each in failures if not each.target_ids or mattering & {*each.target_ids}]

    @property
    def has_failed(self) -> bool:
        """Whether every hook that should deliver the event has had a failed delivery since."""
        failed = {each for entry in self.failures for each in entry.target_ids}
        expected = self._expected()
        return bool(expected) and expected <= failed

    @property
    def up(self) -> UpRun | None:
        """The running ``okhook up`` whose hook leads here."""
        ours = {hook.id for hook in self.ours}
        return next((up for up in self.running.ups if up.hook_id in ours), None)

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
