"""The event types that can be triggered, and the action in the org that causes each.

A user has a state. An action on a user takes it from one state to another; an action on a group
membership needs a user that exists and a group.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CREATE: Final = "user.lifecycle.create"
ACTIVATE: Final = "user.lifecycle.activate"
SUSPEND: Final = "user.lifecycle.suspend"
UNSUSPEND: Final = "user.lifecycle.unsuspend"
DEACTIVATE: Final = "user.lifecycle.deactivate"
DELETE: Final = "user.lifecycle.delete.initiated"
JOIN: Final = "group.user_membership.add"
LEAVE: Final = "group.user_membership.remove"


class UserState(StrEnum):
    """The states of a user: those of Okta, and one each for before and after."""

    ABSENT = "not created yet"
    STAGED = "STAGED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    DEPROVISIONED = "DEPROVISIONED"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Action:
    """The cause of an event: it takes a user from one of the states ``before`` to ``after``.

    ``prepared_by`` are the event types whose actions come first, for a new user.
    """

    before: tuple[UserState, ...]
    after: UserState | None
    meaning: str
    prepared_by: tuple[str, ...] = ()


_THERE = (UserState.STAGED, UserState.ACTIVE, UserState.SUSPENDED)

ACTIONS: Final[Mapping[str, Action]] = {
    CREATE: Action((UserState.ABSENT,), UserState.STAGED, "create a user"),
    ACTIVATE: Action((UserState.STAGED,), UserState.ACTIVE, "activate a user", (CREATE,)),
    SUSPEND: Action((UserState.ACTIVE,), UserState.SUSPENDED, "suspend a user", (CREATE, ACTIVATE)),
    UNSUSPEND: Action(
        (UserState.SUSPENDED,),
        UserState.ACTIVE,
        "unsuspend a user",
        (CREATE, ACTIVATE, SUSPEND),
    ),
    DEACTIVATE: Action(_THERE, UserState.DEPROVISIONED, "deactivate a user", (CREATE, ACTIVATE)),
    DELETE: Action(
        (UserState.DEPROVISIONED,),
        UserState.DELETED,
        "delete a deactivated user",
        (CREATE, DEACTIVATE),
    ),
    JOIN: Action(_THERE, None, "add a user to a group", (CREATE, ACTIVATE)),
    LEAVE: Action(_THERE, None, "remove a user from a group", (CREATE, ACTIVATE, JOIN)),
}
"""Every event type that can be triggered."""

MEMBERSHIPS: Final = (JOIN, LEAVE)


def nearest_first(event_type: str) -> list[str]:
    """Return the event types that can be triggered, the most similar to ``event_type`` first."""
    typed = event_type.strip().lower()
    likeness = difflib.SequenceMatcher(b=typed)

    def distance(known: str) -> tuple[bool, float]:
        likeness.set_seq1(known)
        return not (typed and f".{known}".endswith(f".{typed}")), -likeness.ratio()

    return sorted(ACTIONS, key=distance)
