"""The org's state: the JSON objects of Okta's API, and what the API never shows.

Objects are replaced, never edited in place. They have no ``_links``, which depend on the org's URL;
the routes add them to each answer.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from okhook.runtime.ids import new_okta_id
from okhook.sandbox.refusals import not_found, unsupported
from okhook.secret import Secret

Json = dict[str, Any]

BUILT_IN = "BUILT_IN"
"""The type of the group Everyone, which Okta manages."""


@dataclass(slots=True)
class OrgState:
    """Users, groups and hooks by id, oldest first. ``admin_id`` is the user who owns the API token.

    ``members`` are user ids by group id, in the order in which they joined. ``secrets``, by hook
    id, are never written to a file. ``kept`` are the hashes of passwords and answers, by user id;
    ``custom`` are the attributes that the org added to its users; ``failed_sign_ins``, by user id,
    count wrong passwords since the last right one. A method raises ``ApiRefusal`` if it finds
    nothing.
    """

    admin_id: str
    user_type_id: str
    users: dict[str, Json]
    groups: dict[str, Json] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    hooks: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    custom: dict[str, Json] = field(default_factory=dict)
    failed_sign_ins: dict[str, int] = field(default_factory=dict)

    @property
    def admin(self) -> Json:
        """The user who owns the API token."""
        return self.users[self.admin_id]

    def hook(self, hook_id: str) -> Json:
        """Return an event hook."""
        return _found(self.hooks, hook_id, "Webhook")

    @property
    def everyone(self) -> Json:
        """The group of all users."""
        return next(group for group in self.groups.values() if group["type"] == BUILT_IN)

    def group(self, group_id: str) -> Json:
        """Return a group."""
        return _found(self.groups, group_id, "UserGroup")

    def own_group(self, group_id: str) -> Json:
        """Return a group that can be changed: not Everyone."""
        group = self.group(group_id)
        if group["type"] == BUILT_IN:
            raise unsupported()
        return group

    def add_everyone(self, now: str) -> None:
        """Add the group of all users."""
        profile = {"name": "Everyone", "description": "All users in your organization"}
        group = new_group(profile, now, kind=BUILT_IN)
        self.groups = {group["id"]: group, **self.groups}
        self.members[group["id"]] = list(self.users)

    def keep(self, user: Json, hashes: dict[str, str]) -> None:
        """Keep the hashes of a user's new password or answer."""
        self.kept[user["id"]] = {**self.kept.get(user["id"], {}), **hashes}

    def user(self, key: str) -> Json:
        """Return a user by id, login, the part of a login before @ if unambiguous, or ``me``."""
        if key == "me":
            return self.admin
        if key in self.users:
            return self.users[key]
        wanted = key.casefold()
        logins = [(user["profile"]["login"].casefold(), user) for user in self.users.values()]
        found = [user for login, user in logins if login == wanted]
        if not found:
            found = [user for login, user in logins if login.partition("@")[0] == wanted]
        if len(found) != 1:
            raise not_found(key, "User")
        return found[0]


def new_group(profile: Json, now: str, *, kind: str = "OKTA_GROUP") -> Json:
    """Return a group without members."""
    return {
        "id": new_okta_id("00g"),
        "created": now,
        "lastUpdated": now,
        "lastMembershipUpdated": now,
        "objectClass": ["okta:user_group"],
        "type": kind,
        "profile": profile,
    }


def whole_seconds(moment: datetime) -> str:
    """Return an aware time as in Okta's resources, in whole seconds: ``….000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _found(objects: dict[str, Json], object_id: str, kind: str) -> Json:
    if object_id not in objects:
        raise not_found(object_id, kind)
    return objects[object_id]
