"""Which hooks an event passes the filters of.

Okta's own evaluation is not known to the last word, so an expression that is not understood lets
the event pass, and says so.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import final

from okhook.activity import Activity
from okhook.filter_language.expression import NotUnderstood, parse_filter_expression
from okhook.sandbox.activities import HookFilterNotUnderstood
from okhook.sandbox.state import Json

_PARSED_AT_MOST = 512


@final
class HookFilters:
    """Evaluates filters. Each expression that is not understood is published once a hook."""

    def __init__(self, publish: Callable[[Activity], None], now: Callable[[], datetime]) -> None:
        self._publish = publish
        self._now = now
        self._parse = lru_cache(_PARSED_AT_MOST)(parse_filter_expression)
        self._told: set[tuple[str, str]] = set()

    def passed(self, hooks: Iterable[Json], event: Json) -> list[str]:
        """Return the ids of those ``hooks`` whose filters for its type the ``event`` passes."""
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
            return self._parse(text)(event)
        except NotUnderstood as error:
            if (hook_id, text) not in self._told:
                self._told.add((hook_id, text))
                self._publish(
                    HookFilterNotUnderstood(
                        self._now(), hook_id, event["eventType"], text, str(error)
                    )
                )
            return True


def filters_of(hook: Json) -> list[tuple[str, str]]:
    """Return the filters of a hook: event types and expressions."""
    chosen = hook["events"]["filter"]
    entries = chosen["eventFilterMap"] if chosen else []
    return [(entry["event"], entry["condition"]["expression"]) for entry in entries]


def is_readable(expression: str) -> bool:
    """Tell whether the sandbox can read a filter; whether it can evaluate it, each event tells."""
    try:
        parse_filter_expression(expression)
    except NotUnderstood:
        return False
    return True
