"""Where an event stands, from what the org says and what runs here. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry, hook_event
from okhook.reconcile.expected_events import filters_of
from okhook.trigger.around import Around, leads_here
from okhook.trigger.outlook import NotTold, Outlook


@dataclass(frozen=True, slots=True)
class Situation:
    """One event on its way, at one time."""

    event_type: str
    outlook: Outlook
    around: Around

    @property
    def hooks(self) -> tuple[EventHook, ...]:
        """The org's hooks, as far as it tells."""
        hooks = self.outlook.hooks
        return () if isinstance(hooks, NotTold) else hooks

    @property
    def ours(self) -> tuple[EventHook, ...]:
        """The hooks that are known to call this machine."""
        return tuple(hook for hook in self.hooks if leads_here(hook.url, self.around))

    @property
    def of_interest(self) -> tuple[EventHook, ...]:
        """The hooks that might deliver here: ours, else any, those that do have the event first."""
        hooks = self.ours or self.hooks
        return tuple(
            sorted(hooks, key=lambda h: (self.event_type not in h.events, not receives(h)))
        )

    @property
    def subscribed(self) -> tuple[EventHook, ...]:
        """Those of interest that have the event type, those that receive it first."""
        return tuple(hook for hook in self.of_interest if self.event_type in hook.events)

    @property
    def filtering(self) -> tuple[EventHook, ...]:
        """Those subscribed whose filter, as it is understood here, does not let the event pass."""
        entry = self.outlook.entry
        if not isinstance(entry, LogEntry):
            return ()
        event = hook_event(entry.raw)
        return tuple(
            hook
            for hook in self.subscribed
            if (passes := filters_of(hook)[0].get(self.event_type)) and not passes(event)
        )

    @property
    def is_for_nobody(self) -> bool:
        """Whether it is certain that no hook delivers the event here."""
        entry = self.outlook.entry
        if not isinstance(entry, LogEntry):
            return False
        if entry.hook_ids is None:
            return not isinstance(self.outlook.hooks, NotTold) and not self._expected()
        return not self._among_ours(entry.hook_ids)

    @property
    def failures(self) -> tuple[LogEntry, ...]:
        """The failed deliveries since then, without those to hooks that do not matter here."""
        failures = self.outlook.failures
        if isinstance(failures, NotTold):
            return ()
        mattering = {hook.id for hook in self.ours or self.subscribed}
        return tuple(
            entry for entry in failures if not entry.target_ids or mattering & {*entry.target_ids}
        )

    @property
    def has_failed(self) -> bool:
        """Whether every hook that should deliver the event here has failed at a delivery since."""
        failed = {each for entry in self.failures for each in entry.target_ids}
        expected = self._expected()
        return bool(expected) and expected <= failed

    def _expected(self) -> frozenset[str]:
        """Return the ids of the hooks that should deliver the event here, as far as is known."""
        entry = self.outlook.entry
        if isinstance(entry, LogEntry) and entry.hook_ids is not None:
            return self._among_ours(entry.hook_ids)
        filtering = self.filtering
        return frozenset(
            hook.id for hook in self.subscribed if receives(hook) and hook not in filtering
        )

    def _among_ours(self, hook_ids: Iterable[str]) -> frozenset[str]:
        ours = {hook.id for hook in self.ours}
        return frozenset(hook_ids) & ours if ours else frozenset(hook_ids)


def receives(hook: EventHook) -> bool:
    """Tell whether the org delivers to a hook."""
    return hook.is_active and hook.is_verified
