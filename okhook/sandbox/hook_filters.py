"""Evaluates the filters of event hooks.

Okta's evaluation is not known in every detail, so an expression that the sandbox does not
understand lets the event pass, and an activity reports it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import final

from okhook.activity import Activity
from okhook.filter_language.expression import NotUnderstood, parse_filter_expression
from okhook.sandbox.activities import HookFilterNotUnderstood
from okhook.sandbox.state import Json

_parsed = lru_cache(512)(parse_filter_expression)


@final
class HookFilters:
    """Evaluates filters. It reports an expression that is not understood once per hook."""

    def __init__(self, publish: Callable[[Activity], None], now: Callable[[], datetime]) -> None:
        self._publish = publish
        self._now = now
        self._reported: set[tuple[str, str]] = set()

    def passed(self, hooks: Iterable[Json], event: Json) -> list[str]:
        """Return the ids of the ``hooks`` whose filters ``event`` passes."""
        return [
            hook["id"]
            for hook in hooks
            if all(
                self._matches(hook["id"], text, event)
                for event_type, text in filters_of(hook)
                if event_type == event["eventType"]
            )
        ]

    def _matches(self, hook_id: str, text: str, event: Json) -> bool:
        try:
            return _parsed(text)(event)
        except NotUnderstood as error:
            if (hook_id, text) not in self._reported:
                self._reported.add((hook_id, text))
                self._publish(
                    HookFilterNotUnderstood(
                        self._now(), hook_id, event["eventType"], text, str(error)
                    )
                )
            return True


def filters_of(hook: Json) -> list[tuple[str, str]]:
    """Return a hook's filters as pairs of event type and expression."""
    chosen = hook["events"]["filter"]
    entries = chosen["eventFilterMap"] if chosen else []
    return [(entry["event"], entry["condition"]["expression"]) for entry in entries]


def is_readable(expression: str) -> bool:
    """Tell whether the sandbox can parse a filter. Evaluating it can still fail for an event."""
    try:
        _parsed(expression)
    except NotUnderstood:
        return False
    return True
