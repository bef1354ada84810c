"""Do the steps of a scenario in the org, and write down what they create."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from okhook.errors import CredentialsError, OktaRefused
from okhook.okta.users_and_groups import GroupsApi, OktaGroup, OktaUser, UsersApi
from okhook.secret import Secret
from okhook.trigger.activities import Created, Kind, StepDone, Subject
from okhook.trigger.created import CreatedThings
from okhook.trigger.scenario import (
    CREATE,
    DELETE,
    JOIN,
    LOCK,
    SUSPEND,
    UPDATE_PASSWORD,
    UPDATE_PROFILE,
    Scenario,
    Step,
    UserState,
    group_name_of,
    profile_of,
)

_DESCRIPTION = "Created by `okhook trigger` for a test; it can be deleted."

_SETTLED = {
    **dict.fromkeys((SUSPEND, UPDATE_PASSWORD, LOCK), UserState.ACTIVE),
    DELETE: UserState.DEPROVISIONED,
}
"""The status that Okta gives a user asynchronously, before the action on it is possible."""

_Key = tuple[Kind, str]
"""Whether it is a user or a group, and what the scenario calls it."""


@dataclass(slots=True)
class StepRunner:
    """Does the steps of one scenario. Each run has its own ``suffix`` for names."""

    scenario: Scenario
    users: UsersApi
    groups: GroupsApi
    things: CreatedThings
    suffix: str
    now: Callable[[], datetime]
    _created: dict[_Key, Created] = field(default_factory=dict, init=False)
    _there: dict[_Key, Subject] = field(default_factory=dict, init=False)
    _passwords: dict[str, Secret] = field(default_factory=dict, init=False)

    @property
    def created(self) -> list[Created]:
        """What this run created and did not delete, groups last."""
        return sorted(self._created.values(), key=lambda each: each.kind == "group")

    async def prepare(self, step: Step) -> None:
        """Create the group of a step, if it does not exist yet.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org did not create it.
            StoreFailed: it cannot be written down, so the org was not asked.
        """
        if step.group is None or ("group", step.group) in self._created:
            return
        name = group_name_of(self.scenario.groups[step.group], self.suffix)
        create = partial(self.groups.create, name, _DESCRIPTION)
        await self._create(("group", step.group), Created("group", name), create)

    async def run(self, step: Step) -> StepDone:
        """Do a step, and return what was done, to whom, and when the org answered.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org did not do it.
            StoreFailed: a user cannot be written down, so the org was not asked to create it.
        """
        if step.event_type == CREATE:
            profile = profile_of(step.user, self.scenario.users[step.user], self.suffix)
            self._passwords[step.user] = _new_password()
            create = partial(self.users.create, profile, self._passwords[step.user])
            wanted = Created("user", str(profile["login"]))
            user = await self._create(("user", step.user), wanted, create)
        else:
            user = self._there["user", step.user]
            await self._change(step, user)
        done = StepDone(
            step.event_type, step.is_preparation, user, self._group_of(step), self.now()
        )
        if step.event_type == DELETE:
            self._cross_out(("user", step.user))
        return done

    async def _change(self, step: Step, user: Subject) -> None:
        """Change an existing user. Wait first for what Okta does asynchronously."""
        user_id, event_type, group = user.id, step.event_type, self._group_of(step)
        if event_type in _SETTLED:
            await self.users.settled(user_id, _SETTLED[event_type])
        if group is not None:
            change = self.groups.add if event_type == JOIN else self.groups.remove
            await change(group.id, user_id)
        elif event_type == DELETE:
            await self.users.delete(user_id)
        elif event_type == UPDATE_PROFILE:
            # A new value each time: what changes nothing causes no event.
            await self.users.update(user_id, step.profile or {"nickName": secrets.token_hex(4)})
        elif event_type == UPDATE_PASSWORD:
            old, new = self._passwords[step.user], _new_password()
            await self.users.change_password(user_id, old, new)
            self._passwords[step.user] = new
        elif event_type == LOCK:
            await self.users.lock(user_id, user.name)
        else:
            operation = event_type.rpartition(".")[2].removesuffix("_by_admin")
            await self.users.change(user_id, operation)

    def _group_of(self, step: Step) -> Subject | None:
        return None if step.group is None else self._there["group", step.group]

    async def _create(
        self, key: _Key, wanted: Created, create: Callable[[], Awaitable[OktaUser | OktaGroup]]
    ) -> Subject:
        """Write something down, then create it. If the org refuses, remove the entry."""
        self.things.note(wanted)
        self._created[key] = wanted
        try:
            created_id = (await create()).id
        except (OktaRefused, CredentialsError):
            self._cross_out(key)
            raise
        created = replace(wanted, id=created_id)
        self._created[key] = created
        self._there[key] = Subject(created_id, wanted.name)
        self.things.note(created)
        return self._there[key]

    def _cross_out(self, key: _Key) -> None:
        self.things.forget(self._created.pop(key))


def _new_password() -> Secret:
    """Return a password that nobody will type, with every kind of character that Okta wants."""
    return Secret(f"{secrets.token_urlsafe(24)}aA1!")
