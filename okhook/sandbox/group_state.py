"""The org's groups, and who is in them.

Every method either makes the whole change or raises an ``ApiRefusal`` and changes nothing. That a
user exists is the caller's to know. Time and ids are arguments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, final

from okhook.sandbox.groups import Group
from okhook.sandbox.refusals import invalid, resource_not_found

_KIND = "UserGroup"


@final
class GroupState:
    """Groups by id, in the order of their creation; ``members`` are user ids by group id."""

    def __init__(
        self,
        groups: Iterable[Group] = (),
        members: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        known = members or {}
        self._groups = {group.id: group for group in groups}
        self._members = {each: dict.fromkeys(known.get(each, ())) for each in self._groups}

    def all(self) -> list[Group]:
        """Return every group, oldest first."""
        return list(self._groups.values())

    def group(self, group_id: str) -> Group:
        """Return a group.

        Raises:
            ApiRefusal: there is none with that id.

        """
        group = self._groups.get(group_id)
        if group is None:
            raise resource_not_found(group_id, _KIND)
        return group

    def members(self, group_id: str) -> list[str]:
        """Return the ids of a group's users, in the order in which they joined.

        Raises:
            ApiRefusal: there is no such group.

        """
        return list(self._members[self.group(group_id).id])

    def create(self, profile: Mapping[str, Any], group_id: str, now: datetime) -> Group:
        """Add a group.

        Raises:
            ApiRefusal: another one has the name.

        """
        group = Group(group_id, profile, created=now, last_updated=now, last_membership_updated=now)
        self._check_name(group)
        self._members[group_id] = {}
        return self._keep(group)

    def replace(self, group_id: str, profile: Mapping[str, Any], now: datetime) -> Group:
        """Replace a group's profile.

        Raises:
            ApiRefusal: there is no such group, or another one has the name.

        """
        group = replace(self.group(group_id), profile=profile, last_updated=now)
        self._check_name(group)
        return self._keep(group)

    def delete(self, group_id: str) -> Group:
        """Remove a group for good.

        Raises:
            ApiRefusal: there is no such group.

        """
        group = self.group(group_id)
        del self._groups[group_id], self._members[group_id]
        return group

    def add(self, group_id: str, user_id: str, now: datetime) -> bool:
        """Put a user into a group; return whether that changed anything.

        Raises:
            ApiRefusal: there is no such group.

        """
        group = self.group(group_id)
        if user_id in self._members[group_id]:
            return False
        self._members[group_id][user_id] = None
        self._keep(replace(group, last_membership_updated=now))
        return True

    def remove(self, group_id: str, user_id: str, now: datetime) -> bool:
        """Take a user out of a group; return whether that changed anything.

        Raises:
            ApiRefusal: there is no such group.

        """
        group = self.group(group_id)
        if user_id not in self._members[group_id]:
            return False
        del self._members[group_id][user_id]
        self._keep(replace(group, last_membership_updated=now))
        return True

    def forget(self, user_id: str) -> None:
        """Take a user that is no more out of every group."""
        for members in self._members.values():
            members.pop(user_id, None)

    def _check_name(self, group: Group) -> None:
        name = group.name.casefold()
        if any(
            other.name.casefold() == name for other in self._groups.values() if other.id != group.id
        ):
            raise invalid(
                "name",
                "name: An object with this field already exists in the current organization",
            )

    def _keep(self, group: Group) -> Group:
        self._groups[group.id] = group
        return group
