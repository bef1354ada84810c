"""A scenario: users and groups, and what is done with them step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from okhook.errors import InvalidInput
from okhook.trigger.lifecycle import DEEDS, MEMBERSHIPS, nearest_first

Profile = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done. A preparation is done and not waited for.

    ``user`` and ``group`` are keys of the scenario; only a membership has a group.
    """

    event_type: str
    user: str
    group: str | None = None
    is_preparation: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is to happen. ``users`` are profiles by key, ``groups`` names by key."""

    name: str
    users: Mapping[str, Profile]
    groups: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def event_types(self) -> tuple[str, ...]:
        """The event types that are waited for, each once, in their order."""
        awaited = (step.event_type for step in self.steps if not step.is_preparation)
        return tuple(dict.fromkeys(awaited))


def scenario_of(event_type: str) -> Scenario:
    """Return what makes one event of a type happen: its preparations, and itself.

    Raises:
        InvalidInput: it cannot be triggered; those that can be are named.

    """
    deed = DEEDS.get(event_type)
    if deed is None:
        raise InvalidInput(
            f"{event_type or 'nothing'} cannot be triggered",
            why="\n".join(["these can be:", *nearest_first(event_type)]),
            next_step=f"okhook send-sample --event {event_type} sends a sample of any event type"
            if event_type
            else None,
        )
    preparations = tuple(_step(each, is_preparation=True) for each in deed.prepared_by)
    steps = (*preparations, _step(event_type, is_preparation=False))
    groups = {"group": "Staff"} if any(step.group for step in steps) else {}
    return Scenario(event_type, {"jane": {"firstName": "Jane", "lastName": "Doe"}}, groups, steps)


def _step(event_type: str, *, is_preparation: bool) -> Step:
    group = "group" if event_type in MEMBERSHIPS else None
    return Step(event_type, "jane", group, is_preparation)
