"""Which events should have come: by type, by whom the org meant, by standing, and by filter."""

from collections.abc import Mapping
from typing import Any

import pytest

from okhook.okta.log_entry import hook_event
from okhook.reconcile.expectation import Expectation, Matches, Verdict
from okhook.reconcile.hook_history import HookHistory, Standing, Stretch
from tests.reconcile.rig import ADD, CREATE, HOOK_ID, a_hook, after, always, an_entry

EXPECTED, NOT_MEANT, PASSED_BY = Verdict.EXPECTED, Verdict.NOT_MEANT, Verdict.PASSED_BY
DELIVERING, UNVERIFIED, INACTIVE = Standing.DELIVERING, Standing.UNVERIFIED, Standing.INACTIVE
OURS, ANOTHERS = f"whoOther,{HOOK_ID}", f"whoOther,{HOOK_ID}x"


def yes(event: Mapping[str, Any]) -> bool:
    return True


def no(event: Mapping[str, Any]) -> bool:
    return False


def expectation(
    history: HookHistory,
    filters: Mapping[str, Matches] | None = None,
    *,
    as_if_active: bool = False,
) -> Expectation:
    return Expectation(a_hook(), history, filters or {}, as_if_active=as_if_active)


@pytest.mark.parametrize("as_if_active", [False, True])
@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("hook_ids", [None, "", OURS, ANOTHERS])
def test_another_type_is_not_meant(
    hook_ids: str | None, standing: Standing, as_if_active: bool
) -> None:
    """What the hook did not ask for is not looked for, whatever else speaks for it."""
    entry = an_entry(event_type="user.session.start", hook_ids=hook_ids)
    judge = expectation(always(standing), as_if_active=as_if_active)
    assert judge.verdict(entry) is NOT_MEANT


@pytest.mark.parametrize("matches", [None, yes, no])
@pytest.mark.parametrize("standing", list(Standing))
def test_what_the_org_had_the_hook_for_is_expected(
    standing: Standing, matches: Matches | None
) -> None:
    """The org's own word counts more than what we make of the log and of a filter."""
    filters = {CREATE: matches} if matches else {}
    judge = expectation(always(standing), filters)
    assert judge.verdict(an_entry(hook_ids=OURS)) is EXPECTED


@pytest.mark.parametrize(
    ("hook_ids", "standing", "matches", "usually", "as_if_active"),
    [
        (None, DELIVERING, None, EXPECTED, EXPECTED),
        (None, DELIVERING, yes, EXPECTED, EXPECTED),
        (None, DELIVERING, no, NOT_MEANT, NOT_MEANT),
        (None, UNVERIFIED, None, PASSED_BY, EXPECTED),
        (None, INACTIVE, yes, PASSED_BY, EXPECTED),
        (None, INACTIVE, no, NOT_MEANT, NOT_MEANT),
        (ANOTHERS, DELIVERING, None, NOT_MEANT, NOT_MEANT),
        (ANOTHERS, DELIVERING, yes, NOT_MEANT, NOT_MEANT),
        (ANOTHERS, UNVERIFIED, None, PASSED_BY, EXPECTED),
        (ANOTHERS, INACTIVE, yes, PASSED_BY, EXPECTED),
        (ANOTHERS, INACTIVE, no, NOT_MEANT, NOT_MEANT),
        ("", DELIVERING, None, NOT_MEANT, NOT_MEANT),
        ("", INACTIVE, None, PASSED_BY, EXPECTED),
    ],
)
def test_else_its_standing_and_its_filter_decide(
    hook_ids: str | None,
    standing: Standing,
    matches: Matches | None,
    usually: Verdict,
    as_if_active: Verdict,
) -> None:
    """An org names no hook that stood aside, so its silence means little while it did."""
    filters = {CREATE: matches} if matches else {}
    entry = an_entry(hook_ids=hook_ids)
    assert expectation(always(standing), filters).verdict(entry) is usually
    judge = expectation(always(standing), filters, as_if_active=True)
    assert judge.verdict(entry) is as_if_active


def test_it_is_judged_by_how_the_hook_stood_then() -> None:
    """Not how it stands now: an event of the time before it was verified passed by."""
    history = HookHistory([Stretch(UNVERIFIED, None), Stretch(DELIVERING, after(5))])
    judge = expectation(history)
    assert judge.verdict(an_entry(minutes=4)) is PASSED_BY
    assert judge.verdict(an_entry(minutes=5)) is EXPECTED


def test_a_filter_is_of_one_type_and_sees_the_delivery() -> None:
    """It is asked about events of its own type alone, in the shape that the hook sends."""
    seen: list[Mapping[str, Any]] = []

    def matches(event: Mapping[str, Any]) -> bool:
        seen.append(event)
        return False

    judge = expectation(always(), {CREATE: matches})
    assert judge.verdict(an_entry(event_type=ADD)) is EXPECTED
    assert seen == []
    entry = an_entry()
    assert judge.verdict(entry) is NOT_MEANT
    assert seen == [hook_event(entry.raw)]
