"""What can be triggered, and in which order."""

import pytest

from okhook.errors import InvalidInput
from okhook.trigger.scenario import ACTIONS, Step, check_order, nearest_first, scenario_of
from okhook.wire.event_types import is_eligible


@pytest.mark.parametrize("event_type", ACTIONS)
def test_the_preparations_of_each_type_lead_to_it(event_type: str) -> None:
    """Taken in their order, the preparations bring a user to where the event begins."""
    steps = scenario_of(event_type).steps
    check_order(steps)
    assert steps[-1].event_type == event_type
    assert [step.is_preparation for step in steps] == [True] * (len(steps) - 1) + [False]


@pytest.mark.parametrize("event_type", ACTIONS)
def test_a_hook_can_have_what_is_triggered(event_type: str) -> None:
    """Each type that can be triggered is one that Okta delivers to hooks."""
    assert is_eligible(event_type)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("user.lifecycle.creat", "user.lifecycle.create"),
        ("suspend", "user.lifecycle.suspend"),
        ("group.user_membership.ad", "group.user_membership.add"),
        ("delete.initiated", "user.lifecycle.delete.initiated"),
    ],
)
def test_the_nearest_stands_first(typed: str, meant: str) -> None:
    """All that can be triggered are named, the one that was meant first."""
    assert nearest_first(typed)[0] == meant
    assert set(nearest_first(typed)) == set(ACTIONS)


def test_a_type_that_cannot_be_triggered_names_those_that_can() -> None:
    """The error lists all types and the command that sends a sample of any."""
    with pytest.raises(InvalidInput) as caught:
        scenario_of("policy.rule.add")
    assert all(event_type in str(caught.value.why) for event_type in ACTIONS)
    assert "okhook send-sample --event policy.rule.add" in str(caught.value.next_step)


def test_leaving_a_group_needs_having_joined_that_one() -> None:
    """A membership is of one user in one group."""
    joined = [
        Step("user.lifecycle.create", "jane"),
        Step("group.user_membership.add", "jane", "sales"),
    ]
    check_order([*joined, Step("group.user_membership.remove", "jane", "sales"), joined[1]])
    with pytest.raises(InvalidInput, match="step 3: jane is not in the group support"):
        check_order([*joined, Step("group.user_membership.remove", "jane", "support")])
    with pytest.raises(InvalidInput, match="already in the group sales"):
        check_order([*joined, joined[1]])
