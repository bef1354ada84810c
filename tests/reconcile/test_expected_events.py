"""Which events should have come: by type, by whom the org meant, by status, and by filter."""

import pytest

from okhook.reconcile.expected_events import ExpectedEvents, Verdict, filters_of
from okhook.reconcile.hook_history import HookHistory, HookStatus, Stretch
from tests.reconcile.rig import ADD, CREATE, HOOK_ID, a_hook, after, always, an_entry
from tests.support.records import event

EXPECTED, NOT_EXPECTED, PASSED_BY = Verdict.EXPECTED, Verdict.NOT_EXPECTED, Verdict.PASSED_BY
DELIVERING, UNVERIFIED, INACTIVE = HookStatus.DELIVERING, HookStatus.UNVERIFIED, HookStatus.INACTIVE
OURS, ANOTHERS = f"whoOther,{HOOK_ID}", f"whoOther,{HOOK_ID}x"


YES, NO = "event.outcome.result == 'SUCCESS'", "event.outcome.result == 'FAILURE'"
"""Filters that let through, or do not, what the tests make of an entry."""

FAILED = {**event(), "outcome": {"result": "FAILURE"}}


def judge_of(
    history: HookHistory, filter_: str | None = None, *, as_if_active: bool = False
) -> ExpectedEvents:
    hook = a_hook(filters=[(CREATE, filter_)] if filter_ else ())
    return ExpectedEvents(hook, history, as_if_active=as_if_active)


@pytest.mark.parametrize("as_if_active", [False, True])
@pytest.mark.parametrize("status", list(HookStatus))
@pytest.mark.parametrize("hook_ids", [None, "", OURS, ANOTHERS])
def test_another_type_is_not_expected(
    hook_ids: str | None, status: HookStatus, as_if_active: bool
) -> None:
    """What the hook did not ask for is not looked for, whatever else speaks for it."""
    entry = an_entry(event_type="user.session.start", hook_ids=hook_ids)
    judge = judge_of(always(status), as_if_active=as_if_active)
    assert judge.verdict(entry) is NOT_EXPECTED


@pytest.mark.parametrize("filter_", [None, YES, NO])
@pytest.mark.parametrize("status", list(HookStatus))
def test_what_the_org_had_the_hook_for_is_expected(status: HookStatus, filter_: str | None) -> None:
    """The org's own word counts more than what we make of the log and of a filter."""
    judge = judge_of(always(status), filter_)
    assert judge.verdict(an_entry(hook_ids=OURS)) is EXPECTED


@pytest.mark.parametrize(
    ("hook_ids", "status", "filter_", "usually", "as_if_active"),
    [
        (None, DELIVERING, None, EXPECTED, EXPECTED),
        (None, DELIVERING, YES, EXPECTED, EXPECTED),
        (None, DELIVERING, NO, NOT_EXPECTED, NOT_EXPECTED),
        (None, UNVERIFIED, None, PASSED_BY, EXPECTED),
        (None, INACTIVE, YES, PASSED_BY, EXPECTED),
        (None, INACTIVE, NO, NOT_EXPECTED, NOT_EXPECTED),
        (ANOTHERS, DELIVERING, None, NOT_EXPECTED, NOT_EXPECTED),
        (ANOTHERS, DELIVERING, YES, NOT_EXPECTED, NOT_EXPECTED),
        (ANOTHERS, UNVERIFIED, None, PASSED_BY, EXPECTED),
        (ANOTHERS, INACTIVE, YES, PASSED_BY, EXPECTED),
        (ANOTHERS, INACTIVE, NO, NOT_EXPECTED, NOT_EXPECTED),
        ("", DELIVERING, None, NOT_EXPECTED, NOT_EXPECTED),
        ("", INACTIVE, None, PASSED_BY, EXPECTED),
    ],
)
def test_else_its_status_and_its_filter_decide(
    hook_ids: str | None,
    status: HookStatus,
    filter_: str | None,
    usually: Verdict,
    as_if_active: Verdict,
) -> None:
    """An org names no hook that stood aside, so its silence means little while it did."""
    entry = an_entry(hook_ids=hook_ids)
    assert judge_of(always(status), filter_).verdict(entry) is usually
    judge = judge_of(always(status), filter_, as_if_active=True)
    assert judge.verdict(entry) is as_if_active


def test_the_status_at_the_time_of_the_event_counts() -> None:
    """Not how it stands now: an event of the time before it was verified passed by."""
    history = HookHistory([Stretch(UNVERIFIED, None), Stretch(DELIVERING, after(5))])
    judge = judge_of(history)
    assert judge.verdict(an_entry(minutes=4)) is PASSED_BY
    assert judge.verdict(an_entry(minutes=5)) is PASSED_BY
    assert judge.verdict(an_entry(minutes=5, hook_ids=OURS)) is EXPECTED
    assert judge.verdict(an_entry(minutes=6)) is EXPECTED


def test_a_filter_is_of_one_type_and_sees_the_delivery() -> None:
    """It is asked about events of its own type alone, in the shape that the hook sends."""
    assert judge_of(always(), NO).verdict(an_entry(event_type=ADD)) is EXPECTED
    in_the_shape_of_a_hook = judge_of(always(), "event.client.zone == 'null'")
    assert an_entry().raw["client"]["zone"] is None
    assert in_the_shape_of_a_hook.verdict(an_entry()) is EXPECTED


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
