"""Go through steps without an org, to see that each can be done when its turn comes. Pure."""

from typing import final

from okhook.trigger.lifecycle import DEEDS, JOIN, LEAVE, UserState
from okhook.trigger.scenario import Step


class Impossible(ValueError):
    """A step cannot be done when its turn comes; the message says why."""


@final
class Rehearsal:
    """Where each user would stand, and in which groups, after the steps so far."""

    def __init__(self) -> None:
        self._states: dict[str, UserState] = {}
        self._memberships: set[tuple[str, str | None]] = set()

    def take(self, step: Step) -> None:
        """Take one step.

        Raises:
            Impossible: its user is not where the step begins.

        """
        deed = DEEDS[step.event_type]
        state = self._states.get(step.user, UserState.ABSENT)
        if state not in deed.before:
            raise Impossible(
                f"{step.event_type} needs a user that is {_either(deed.before)},"
                f" and {step.user} is {state} then"
            )
        membership = (step.user, step.group)
        if step.event_type == JOIN and membership in self._memberships:
            raise Impossible(f"{step.user} is in the group {step.group} already")
        if step.event_type == LEAVE and membership not in self._memberships:
            raise Impossible(f"{step.user} is not in the group {step.group} then")
        self._follow(step, deed.after)

    def _follow(self, step: Step, after: UserState | None) -> None:
        if after is not None:
            self._states[step.user] = after
        if step.event_type == JOIN:
            self._memberships.add((step.user, step.group))
        elif step.event_type == LEAVE:
            self._memberships.discard((step.user, step.group))


def _either(states: frozenset[UserState]) -> str:
    return " or ".join(sorted(states))
