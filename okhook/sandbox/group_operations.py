"""What can be done with groups and their users, each with its entry in the log."""

from typing import final

from okhook.sandbox.groups import Group, group_profile
from okhook.sandbox.json_fields import JsonObject
from okhook.sandbox.log_entries import Cause, Happening, group_party, user_party
from okhook.sandbox.recorder import Recorder
from okhook.sandbox.state import OrgState
from okhook.sandbox.surroundings import Surroundings
from okhook.sandbox.users import User


@final
class GroupOperations:
    """Changes groups, and records what it changed. All raise ``ApiRefusal`` where Okta would."""

    def __init__(self, *, state: OrgState, recorder: Recorder, around: Surroundings) -> None:
        self._state = state
        self._groups = state.groups
        self._recorder = recorder
        self._around = around

    def all(self) -> list[Group]:
        """Return every group."""
        return self._groups.all()

    def get(self, group_id: str) -> Group:
        """Return one group."""
        return self._groups.group(group_id)

    def members(self, group_id: str) -> list[User]:
        """Return a group's users, in the order in which they joined."""
        return [self._state.user(user_id) for user_id in self._groups.members(group_id)]

    def create(self, body: JsonObject, cause: Cause) -> Group:
        """Create a group."""
        profile = group_profile(body)
        group = self._groups.create(profile, self._around.ids.okta("00g"), self._around.now())
        return self._recorded("group.lifecycle.create", group, cause)

    def replace(self, group_id: str, body: JsonObject, cause: Cause) -> Group:
        """Replace a group's profile."""
        self._groups.group(group_id)
        group = self._groups.replace(group_id, group_profile(body), self._around.now())
        return self._recorded("group.profile.update", group, cause)

    def delete(self, group_id: str, cause: Cause) -> None:
        """Delete a group."""
        self._recorded("group.lifecycle.delete", self._groups.delete(group_id), cause)

    def add(self, group_id: str, user_key: str, cause: Cause) -> None:
        """Put a user into a group; nothing happens where it is there."""
        group, user = self._groups.group(group_id), self._state.user(user_key)
        if self._groups.add(group.id, user.id, self._around.now()):
            self._record_membership("group.user_membership.add", user, group, cause)

    def remove(self, group_id: str, user_key: str, cause: Cause) -> None:
        """Take a user out of a group; nothing happens where it is not there."""
        group, user = self._groups.group(group_id), self._state.user(user_key)
        if self._groups.remove(group.id, user.id, self._around.now()):
            self._record_membership("group.user_membership.remove", user, group, cause)

    def _recorded(self, event_type: str, group: Group, cause: Cause) -> Group:
        self._recorder.record(Happening(event_type, (group_party(group),), cause))
        return group

    def _record_membership(self, event_type: str, user: User, group: Group, cause: Cause) -> None:
        targets = (user_party(user), group_party(group))
        self._recorder.record(Happening(event_type, targets, cause))
