"""A scenario: test users and groups, and steps that are done with them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from okhook.errors import InvalidInput
from okhook.trigger.lifecycle import ACTIONS, JOIN, LEAVE, MEMBERSHIPS, UserState, nearest_first

Profile = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One action. The event of a preparation is not waited for.

    ``user`` and ``group`` are keys of the scenario. Only membership actions have a group.
    """

    event_type: str
    user: str
    group: str | None = None
    is_preparation: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps, and who they are about: ``users`` are profiles by key, ``groups`` names by key."""

    name: str
    users: Mapping[str, Profile]
    groups: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def event_types(self) -> tuple[str, ...]:
        """The event types to wait for, each once, in order."""
        awaited = (step.event_type for step in self.steps if not step.is_preparation)
        return tuple(dict.fromkeys(awaited))


def scenario_of(event_type: str) -> Scenario:
    """Return the scenario that causes one event of a type: its preparations and its action.

    Raises:
        InvalidInput: the type cannot be triggered; the error lists those that can.

    """
    action = ACTIONS.get(event_type)
    if action is None:
        raise InvalidInput(
            f"{event_type or 'nothing'} cannot be triggered",
            why="\n".join(["these can be:", *nearest_first(event_type)]),
            next_step=f"okhook send-sample --event {event_type} sends a sample of any event type"
            if event_type
            else None,
        )
    preparations = tuple(_step(each, is_preparation=True) for each in action.prepared_by)
    steps = (*preparations, _step(event_type, is_preparation=False))
    groups = {"group": "Staff"} if any(step.group for step in steps) else {}
    return Scenario(event_type, {"jane": {"firstName": "Jane", "lastName": "Doe"}}, groups, steps)


def _step(event_type: str, *, is_preparation: bool) -> Step:
    group = "group" if event_type in MEMBERSHIPS else None
    return Step(event_type, "jane", group, is_preparation)


class ImpossibleStep(ValueError):
    """A step cannot be done when its turn comes. ``number`` counts from 1."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


def check_order(steps: Iterable[Step]) -> None:
    """Check that each step can be done when its turn comes.

    Raises:
        ImpossibleStep: its user is not in the state that the step needs.

    """
    states: dict[str, UserState] = {}
    memberships: set[tuple[str, str | None]] = set()
    for number, step in enumerate(steps, start=1):
        action = ACTIONS[step.event_type]
        state = states.get(step.user, UserState.ABSENT)
        if state not in action.before:
            raise ImpossibleStep(
                number,
                f"{step.event_type} needs a user that is {' or '.join(sorted(action.before))},"
                f" and {step.user} is {state} then",
            )
        membership = (step.user, step.group)
        if step.event_type == JOIN and membership in memberships:
            raise ImpossibleStep(number, f"{step.user} is in the group {step.group} already")
        if step.event_type == LEAVE and membership not in memberships:
            raise ImpossibleStep(number, f"{step.user} is not in the group {step.group} then")
        if step.event_type == JOIN:
            memberships.add(membership)
        elif step.event_type == LEAVE:
            memberships.remove(membership)
        states[step.user] = action.after or state
