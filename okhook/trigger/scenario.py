"""Scenarios: what can be triggered, and steps with test users and groups. Pure."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from okhook.errors import InvalidInput
from okhook.text import did_you_mean
from okhook.wire.event_types import is_eligible, meant

CREATE: Final = "user.lifecycle.create"
ACTIVATE: Final = "user.lifecycle.activate"
SUSPEND: Final = "user.lifecycle.suspend"
UNSUSPEND: Final = "user.lifecycle.unsuspend"
DEACTIVATE: Final = "user.lifecycle.deactivate"
DELETE: Final = "user.lifecycle.delete.initiated"
UPDATE_PROFILE: Final = "user.account.update_profile"
UPDATE_PASSWORD: Final = "user.account.update_password"  # noqa: S105 - an event type
LOCK: Final = "user.account.lock"
UNLOCK: Final = "user.account.unlock"
UNLOCK_BY_ADMIN: Final = "user.account.unlock_by_admin"
JOIN: Final = "group.user_membership.add"
LEAVE: Final = "group.user_membership.remove"


class UserState(StrEnum):
    """The states of a user: those of Okta, and one each for before and after."""

    ABSENT = "not created yet"
    STAGED = "STAGED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    LOCKED_OUT = "LOCKED_OUT"
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


_THERE = (UserState.STAGED, UserState.ACTIVE, UserState.SUSPENDED, UserState.LOCKED_OUT)

# The sandbox logs both events of it; a real org may log only the admin's.
_UNLOCK = Action(
    (UserState.LOCKED_OUT,), UserState.ACTIVE, "unlock a user", (CREATE, ACTIVATE, LOCK)
)

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
    UPDATE_PROFILE: Action(_THERE, None, "change a user's profile", (CREATE, ACTIVATE)),
    UPDATE_PASSWORD: Action(
        (UserState.ACTIVE,), None, "change a user's password", (CREATE, ACTIVATE)
    ),
    LOCK: Action(
        (UserState.ACTIVE,),
        UserState.LOCKED_OUT,
        "lock a user out with wrong passwords",
        (CREATE, ACTIVATE),
    ),
    UNLOCK: _UNLOCK,
    UNLOCK_BY_ADMIN: _UNLOCK,
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


Profile = Mapping[str, Any]

MARK = "okhook"
_DOMAIN = "example.com"
_NOT_IN_LOGIN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One action. The event of a preparation is not waited for.

    ``user`` and ``group`` are keys of the scenario. Only membership actions have a group, and only
    a change of the profile may have a ``profile``: the attributes that it sets.
    """

    event_type: str
    user: str
    group: str | None = None
    is_preparation: bool = False
    profile: Profile | None = None


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
            f"okhook cannot trigger {event_type}",
            why="\n".join(["it can trigger:", *nearest_first(event_type)]),
            next_step=_instead_of(event_type),
        )
    steps = tuple(
        Step(each, "jane", "group" if each in MEMBERSHIPS else None, each != event_type)
        for each in (*action.prepared_by, event_type)
    )
    groups = {"group": "Staff"} if any(step.group for step in steps) else {}
    return Scenario(event_type, {"jane": {"firstName": "Jane", "lastName": "Doe"}}, groups, steps)


def _instead_of(event_type: str) -> str | None:
    """Return the next step for an event type that cannot be triggered."""
    if is_eligible(event_type):
        return f"to send a sample of it, run okhook send-sample --event {event_type}"
    near = did_you_mean(event_type, ACTIONS, "okhook trigger {}")
    return near or meant(event_type) or None


def check_order(steps: Iterable[Step]) -> None:
    """Check that each step can be done when its turn comes.

    Raises:
        InvalidInput: its user is not in the state that the step needs.
    """
    states: dict[str, UserState] = {}
    memberships: set[tuple[str, str | None]] = set()
    for number, step in enumerate(steps, start=1):
        action = ACTIONS[step.event_type]
        state = states.get(step.user, UserState.ABSENT)
        if state not in action.before:
            raise InvalidInput(
                f"step {number}: {step.event_type} needs a user that is"
                f" {' or '.join(sorted(action.before))}, but {step.user} is {state} at that point",
            )
        membership = (step.user, step.group)
        if step.event_type == JOIN and membership in memberships:
            raise InvalidInput(f"step {number}: {step.user} is already in the group {step.group}")
        if step.event_type == LEAVE and membership not in memberships:
            raise InvalidInput(
                f"step {number}: {step.user} is not in the group {step.group} at that point"
            )
        if step.event_type == JOIN:
            memberships.add(membership)
        elif step.event_type == LEAVE:
            memberships.remove(membership)
        states[step.user] = action.after or state


def login_of(key: str, suffix: str) -> str:
    """Return the login of a scenario's user: ``okhook-jane-1a2b3c4d@example.com``.

    Nobody owns the domain (RFC 2606), so no mail is delivered.
    """
    return f"{MARK}-{_NOT_IN_LOGIN.sub('-', key.lower())}-{suffix}@{_DOMAIN}"


def group_name_of(name: str, suffix: str) -> str:
    """Return the name of a scenario's group in the org: ``okhook Sales 1a2b3c4d``."""
    return f"{MARK} {name} {suffix}"


def profile_of(key: str, given: Profile, suffix: str) -> dict[str, object]:
    """Return the whole profile of a scenario's user."""
    login = login_of(key, suffix)
    names = {"firstName": key.capitalize(), "lastName": "Doe"}
    return {**names, **given, "login": login, "email": login}


def suffix_of(name: str) -> str:
    """Return the suffix of a test user's login or a group's name, which tells its run."""
    return re.split(r"[ -]", name.removesuffix(f"@{_DOMAIN}"))[-1]


def is_our_login(login: str) -> bool:
    """Return whether a login is that of a test user."""
    return login.startswith(f"{MARK}-") and login.endswith(f"@{_DOMAIN}")


def is_our_group(name: str) -> bool:
    """Return whether a name is that of a test group."""
    return name.startswith(f"{MARK} ")
