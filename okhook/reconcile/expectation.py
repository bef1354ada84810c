"""Which entries of the System Log a hook should have delivered. Pure."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, final

from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry, hook_event
from okhook.reconcile.hook_history import HookHistory, Standing

Matches = Callable[[Mapping[str, Any]], bool]
"""Tells whether a hook's filter lets an event through, in the shape that a delivery has."""


class Verdict(StrEnum):
    """Whether an entry should have come as a delivery."""

    EXPECTED = "expected"
    NOT_MEANT = "not_meant"
    PASSED_BY = "passed_by"
    """It was of the hook's types, and the hook was inactive or unverified at the time."""


@final
class Expectation:
    """Judges entries for one hook.

    ``filters`` are those that could be understood, by event type. ``as_if_active`` expects what
    passed by while the hook was inactive or unverified, too.
    """

    def __init__(
        self,
        hook: EventHook,
        history: HookHistory,
        filters: Mapping[str, Matches],
        *,
        as_if_active: bool,
    ) -> None:
        self._hook = hook
        self._history = history
        self._filters = filters
        self._as_if_active = as_if_active

    def verdict(self, entry: LogEntry) -> Verdict:
        """Judge an entry.

        Where the org says which hooks it had for the event (``targetEventHookIds``), that counts;
        else how the hook stood at the time, and its filter.
        """
        if entry.event_type not in self._hook.events:
            return Verdict.NOT_MEANT
        if entry.hook_ids is not None and self._hook.id in entry.hook_ids:
            return Verdict.EXPECTED
        stands = self._history.at(entry.published).standing
        if entry.hook_ids is not None and stands is Standing.DELIVERING:
            return Verdict.NOT_MEANT
        if not self._is_let_through(entry):
            return Verdict.NOT_MEANT
        if stands is Standing.DELIVERING or self._as_if_active:
            return Verdict.EXPECTED
        return Verdict.PASSED_BY

    def _is_let_through(self, entry: LogEntry) -> bool:
        matches = self._filters.get(entry.event_type)
        return matches is None or matches(hook_event(entry.raw))
