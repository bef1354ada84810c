"""Which hooks an event passes the filters of.

Okta's own evaluation is not known to the last word, so an expression that is not understood lets
the event pass, and says so.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, final

from okhook.activity import Activity
from okhook.filter_language.expression import (
    FilterExpression,
    NotUnderstood,
    parse_filter_expression,
)
from okhook.sandbox.activities import HookFilterNotUnderstood
from okhook.sandbox.hooks import EventFilter, EventHook

_READ_AT_ONCE = 512


@final
class HookFilters:
    """Evaluates filters. What is not understood is told once for each hook and expression."""

    def __init__(self, publish: Callable[[Activity], None], now: Callable[[], datetime]) -> None:
        self._publish = publish
        self._now = now
        self._read = lru_cache(_READ_AT_ONCE)(_read)
        self._told: set[tuple[str, str]] = set()

    def passed(self, hooks: Iterable[EventHook], event: dict[str, Any]) -> list[EventHook]:
        """Return those of ``hooks`` whose filters for its type the ``event`` passes."""
        return [hook for hook in hooks if self._passes(hook, event)]

    def _passes(self, hook: EventHook, event: dict[str, Any]) -> bool:
        filters = [each for each in hook.draft.filters if each.event == event["eventType"]]
        return all(self._matches(hook, each, event) for each in filters)

    def _matches(self, hook: EventHook, chosen: EventFilter, event: dict[str, Any]) -> bool:
        read = self._read(chosen.expression)
        if isinstance(read, NotUnderstood):
            return self._let_pass(hook, chosen, read)
        try:
            return read.matches(event)
        except NotUnderstood as error:
            return self._let_pass(hook, chosen, error)

    def _let_pass(self, hook: EventHook, chosen: EventFilter, error: NotUnderstood) -> bool:
        key = (hook.id, chosen.expression)
        if key not in self._told:
            self._told.add(key)
            self._publish(
                HookFilterNotUnderstood(
                    at=self._now(),
                    hook_id=hook.id,
                    event_type=chosen.event,
                    expression=chosen.expression,
                    reason=str(error),
                )
            )
        return True


def is_readable(chosen: EventFilter) -> bool:
    """Tell whether the sandbox can read a filter; whether it can evaluate it, each event tells."""
    return isinstance(_read(chosen.expression), FilterExpression)


def _read(expression: str) -> FilterExpression | NotUnderstood:
    try:
        return parse_filter_expression(expression)
    except NotUnderstood as error:
        return error
