"""The filters of a hook, as far as they can be evaluated here."""

from collections.abc import Mapping
from typing import Any, final

from okhook.filter_language.expression import (
    FilterExpression,
    NotUnderstood,
    parse_filter_expression,
)
from okhook.okta.event_hooks import EventHook
from okhook.reconcile.expectation import Matches


@final
class _Filter:
    """Lets an event through unless the expression surely says no."""

    def __init__(self, expression: FilterExpression) -> None:
        self._expression = expression

    def __call__(self, event: Mapping[str, Any]) -> bool:
        try:
            return self._expression.matches(event)
        except NotUnderstood:
            return True


def filters_of(hook: EventHook) -> tuple[dict[str, Matches], frozenset[str]]:
    """Return the filters of ``hook`` by event type, and the types whose filter is not understood.

    What is not understood lets everything through: rather one event too many is looked for than
    one that was missed is passed over.
    """
    understood: dict[str, Matches] = {}
    unread: set[str] = set()
    for event_type, text in hook.filters:
        try:
            understood[event_type] = _Filter(parse_filter_expression(text))
        except NotUnderstood:
            unread.add(event_type)
    return understood, frozenset(unread)
