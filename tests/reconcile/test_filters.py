"""A hook's filters: what is understood of them decides, and nothing else keeps an event back."""

from okhook.reconcile.filters import filters_of
from tests.reconcile.rig import ADD, CREATE, a_hook
from tests.support.records import event

FAILED = {**event(), "outcome": {"result": "FAILURE"}}


def test_a_filter_that_is_understood_decides() -> None:
    """It lets through what it matches and keeps back what it does not, of its own type."""
    filters, unread = filters_of(a_hook(filters=[(CREATE, "event.outcome.result == 'SUCCESS'")]))
    assert set(filters) == {CREATE}
    assert filters[CREATE](event()) is True
    assert filters[CREATE](FAILED) is False
    assert unread == frozenset()


def test_a_filter_that_is_not_understood_keeps_nothing_back() -> None:
    """It is named, and the other type's filter holds all the same."""
    hook = a_hook(filters=[(ADD, "T(java.lang.Runtime)"), (CREATE, "event.outcome.result == 'X'")])
    filters, unread = filters_of(hook)
    assert unread == {ADD}
    assert set(filters) == {CREATE}
    assert filters[CREATE](event()) is False


def test_what_cannot_be_evaluated_for_an_event_lets_it_through() -> None:
    """An expression that comes to a text says neither yes nor no."""
    filters, unread = filters_of(a_hook(filters=[(CREATE, "event.outcome.result")]))
    assert unread == frozenset()
    assert filters[CREATE](event()) is True


def test_without_filters_there_are_none() -> None:
    """The usual hook has none."""
    assert filters_of(a_hook()) == ({}, frozenset())
