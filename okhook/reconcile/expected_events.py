"""Decide which entries of the System Log a hook should have delivered. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from okhook.filter_language.expression import FilterTest, parse_filter_expression
from okhook.filter_language.parser import NotUnderstood
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import LogEntry, hook_event
from okhook.reconcile.hook_history import HookHistory, HookStatus


class Verdict(StrEnum):
    """Whether the org should have delivered an entry."""

    EXPECTED = "expected"
    NOT_EXPECTED = "not_expected"
    PASSED_BY = "passed_by"
    """The hook has the event type, and was inactive or unverified at the time."""


class ExpectedEvents:
    """Decides what one hook should have delivered.

    With ``as_if_active``, that includes events from when the hook was inactive or unverified.
    """

    def __init__(self, hook: EventHook, history: HookHistory, *, as_if_active: bool) -> None:
        self._hook = hook
        self._history = history
        self._filters, self.unread_filters = filters_of(hook)
        self._as_if_active = as_if_active

    def verdict(self, entry: LogEntry) -> Verdict:
        """Return whether the hook should have delivered the entry.

        If the entry names its hooks (``targetEventHookIds``), they decide. Otherwise the hook's
        status at that time and its filter do.
        """
        if entry.event_type not in self._hook.events:
            return Verdict.NOT_EXPECTED
        if entry.hook_ids is not None and self._hook.id in entry.hook_ids:
            return Verdict.EXPECTED
        status = self._history.at(entry.published).status
        if entry.hook_ids is not None and status is HookStatus.DELIVERING:
            return Verdict.NOT_EXPECTED
        matches = self._filters.get(entry.event_type)
        if matches is not None and not matches(hook_event(entry.raw)):
            return Verdict.NOT_EXPECTED
        if status is HookStatus.DELIVERING or self._as_if_active:
            return Verdict.EXPECTED
        return Verdict.PASSED_BY


def filters_of(hook: EventHook) -> tuple[dict[str, FilterTest], frozenset[str]]:
    """Return the filters by event type, and the types whose filter okhook cannot evaluate."""
    understood: dict[str, FilterTest] = {}
    unread: set[str] = set()
    for event_type, text in hook.filters:
        try:
            understood[event_type] = _lenient(parse_filter_expression(text))
        except NotUnderstood:
            unread.add(event_type)
    return understood, frozenset(unread)


def _lenient(test: FilterTest) -> FilterTest:
    """Return a test that passes an event if okhook cannot evaluate the filter on it."""

    def matches(event: Mapping[str, Any]) -> bool:
        try:
            return test(event)
        except NotUnderstood:
            return True

    return matches
