"""The parts of the Users API and the Groups API that cause events.

Each change is made once: if its answer is lost, okhook reads from the org whether it was made.
Methods raise the errors of :class:`OktaClient`, OutcomeUnknown if that cannot be read either, and
Unavailable if a user does not change in time.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from okhook.errors import CredentialsError, InvalidInput, OktaRefused, Unavailable
from okhook.okta.answers import as_object, id_of, is_id, text_of
from okhook.okta.client import Call, OktaClient
from okhook.okta.refusals import NotFound
from okhook.okta.retry import made_once
from okhook.secret import Secret

USERS_PATH = "/api/v1/users"
_GROUPS = "/api/v1/groups"
_SIGN_IN = "/api/v1/authn"
_WRONG_PASSWORD = "not-the-password"  # noqa: S105 - it is wrong
_SIGN_INS = 20
"""Twice the number of wrong passwords after which Okta's default policy locks an account."""

_SETTLING_S = 1.0
_SETTLING_TRIES = 30
_REMOVALS = 5

_LIFECYCLE = {
    "activate": ("activate?sendEmail=false", ("ACTIVE", "PROVISIONED")),
    "suspend": ("suspend", ("SUSPENDED",)),
    "unsuspend": ("unsuspend", ("ACTIVE",)),
    "unlock": ("unlock", ("ACTIVE",)),
    "deactivate": ("deactivate?sendEmail=false", ("DEPROVISIONED",)),
}
"""Each change of a user's status: its path, and the statuses after it. Okta sends no mail."""


@dataclass(frozen=True, slots=True)
class OktaUser:
    """A user. ``status`` is Okta's word, such as ``STAGED``."""

    id: str
    login: str
    status: str


@dataclass(frozen=True, slots=True)
class OktaGroup:
    """A group of users."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class UsersApi:
    """The users of one org."""

    _client: OktaClient

    async def create(self, profile: dict[str, Any], password: Secret) -> OktaUser:
        """Create a user in the status ``STAGED``; Okta sends no mail."""
        login = str(profile["login"])
        body = {"profile": profile, "credentials": {"password": {"value": password.reveal()}}}
        call = Call("POST", f"{USERS_PATH}?activate=false", body, once=True)

        async def create() -> OktaUser:
            return _user(await self._client.object(call, "the user"))

        return await made_once(create, lambda: self.find(login), self._client.sleep)

    async def find(self, login_or_id: str) -> OktaUser | None:
        """Return the user with that login or id; None if the org has none."""
        call = Call("GET", f"{USERS_PATH}/{quote(login_or_id, safe='')}")
        with suppress(NotFound):
            return _user(await self._client.object(call, "the user"))
        return None

    async def change(self, user_id: str, change: str) -> None:
        """Change a user's status: activate, suspend, unsuspend, unlock or deactivate it."""
        path, afterwards = _LIFECYCLE[change]
        call = Call("POST", f"{_path(USERS_PATH, user_id)}/lifecycle/{path}", once=True)
        await self._once(call, user_id, lambda user: user is not None and user.status in afterwards)

    async def update(self, user_id: str, profile: Mapping[str, Any]) -> None:
        """Set attributes of a user's profile, and leave the others as they are."""
        await self._client.carry_out(
            Call("POST", _path(USERS_PATH, user_id), {"profile": dict(profile)})
        )

    async def change_password(self, user_id: str, old: Secret, new: Secret) -> None:
        """Change a user's password, as a user does who knows the old one."""
        body = {
            "oldPassword": {"value": old.reveal()},
            "newPassword": {"value": new.reveal()},
        }
        path = f"{_path(USERS_PATH, user_id)}/credentials/change_password"
        await self._client.carry_out(Call("POST", path, body, once=True))

    async def lock(self, user_id: str, login: str) -> None:
        """Lock a user out: sign in with wrong passwords until the org's policy locks the account.

        No call of Okta's API locks a user.
        """
        call = Call(
            "POST", _SIGN_IN, {"username": login, "password": _WRONG_PASSWORD}, signed=False
        )
        for _ in range(_SIGN_INS):
            with suppress(CredentialsError):
                await self._client.carry_out(call)
            user = await self.find(user_id)
            if user is not None and user.status == "LOCKED_OUT":
                return
        raise OktaRefused(
            f"{_SIGN_INS} wrong passwords did not lock the user {login}",
            why="the org's password policy locks accounts later, or never",
            next_step="lower the number of failed attempts in the org's password policy",
        )

    async def delete(self, user_id: str) -> None:
        """Delete a user whose status is ``DEPROVISIONED``."""
        call = replace(_deletion(user_id), once=True)
        await self._once(call, user_id, lambda user: user is None)

    async def remove(self, user_id: str) -> None:
        """Deactivate a user and delete it, if it still exists; can be cancelled.

        The first DELETE deactivates a user, asynchronously; the next one deletes it.
        """
        for _ in range(_REMOVALS):
            with suppress(NotFound):
                await self._client.carry_out(_deletion(user_id))
                await self._client.carry_out(_deletion(user_id))
            if await self.find(user_id) is None:
                return
            await self._client.sleep(_SETTLING_S)
        raise Unavailable(f"could not delete the user {user_id}: it still exists")

    async def settled(self, user_id: str, status: str) -> None:
        """Wait until a user has a status: Okta makes some changes after its answer."""
        user: OktaUser | None = None
        for _ in range(_SETTLING_TRIES):
            user = await self.find(user_id)
            if user is None or user.status == status:
                return
            await self._client.sleep(_SETTLING_S)
        raise Unavailable(
            f"the user {user_id} did not become {status}",
            why=None if user is None else f"its status is still {user.status}",
        )

    async def _once(
        self, call: Call, user_id: str, is_done: Callable[[OktaUser | None], bool]
    ) -> None:
        async def make() -> bool:
            await self._client.carry_out(call)
            return True

        async def look() -> bool | None:
            return is_done(await self.find(user_id)) or None

        await made_once(make, look, self._client.sleep)


@dataclass(frozen=True, slots=True)
class GroupsApi:
    """The groups of one org, and their members."""

    _client: OktaClient

    async def create(self, name: str, description: str) -> OktaGroup:
        """Create a group."""
        profile = {"name": name, "description": description}
        call = Call("POST", _GROUPS, {"profile": profile}, once=True)

        async def create() -> OktaGroup:
            return _group(await self._client.object(call, "the group"))

        return await made_once(create, lambda: self.find(name), self._client.sleep)

    async def find(self, name: str) -> OktaGroup | None:
        """Return the group with that name; None if the org has none."""
        async for entry in self._client.entries(f"{_GROUPS}?q={quote(name, safe='')}"):
            group = _group(as_object(entry, "the group"))
            if group.name == name:
                return group
        return None

    async def get(self, group_id: str) -> OktaGroup | None:
        """Return the group with that id; None if the org has none."""
        call = Call("GET", _path(_GROUPS, group_id))
        with suppress(NotFound):
            return _group(await self._client.object(call, "the group"))
        return None

    async def add(self, group_id: str, user_id: str) -> None:
        """Add a user to a group, unless it is a member already."""
        await self._client.carry_out(Call("PUT", _membership(group_id, user_id)))

    async def remove(self, group_id: str, user_id: str) -> None:
        """Remove a user from a group."""
        with suppress(NotFound):
            await self._client.carry_out(Call("DELETE", _membership(group_id, user_id)))

    async def delete(self, group_id: str) -> None:
        """Delete a group, if it still exists."""
        with suppress(NotFound):
            await self._client.carry_out(Call("DELETE", _path(_GROUPS, group_id)))


def _user(user: Mapping[str, Any]) -> OktaUser:
    profile = as_object(user.get("profile"), "profile")
    return OktaUser(id_of(user, "the user"), text_of(profile, "login"), text_of(user, "status"))


def _group(group: Mapping[str, Any]) -> OktaGroup:
    profile = as_object(group.get("profile"), "profile")
    return OktaGroup(id_of(group, "the group"), text_of(profile, "name"))


def _deletion(user_id: str) -> Call:
    return Call("DELETE", f"{_path(USERS_PATH, user_id)}?sendEmail=false")


def _membership(group_id: str, user_id: str) -> str:
    return _path(_GROUPS, group_id) + _path("/users", user_id)


def _path(collection: str, thing_id: str) -> str:
    """Return the path of a user or a group; raise InvalidInput if the id could change the path."""
    if not is_id(thing_id):
        raise InvalidInput("invalid id of a user or group: expected one like 00ub0oNGTSWTBKOLGLNR")
    return f"{collection}/{thing_id}"
