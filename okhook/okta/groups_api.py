"""The part of the Groups API that makes events happen, typed and checked."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, final
from urllib.parse import quote

import anyio

from okhook.http.client import Answer
from okhook.okta.answers import as_object, json_object
from okhook.okta.client import Call, OktaClient
from okhook.okta.once import Once
from okhook.okta.people import id_of, in_path, text_of
from okhook.okta.refusals import NotFound

_PATH = "/api/v1/groups"


@dataclass(frozen=True, slots=True)
class OktaGroup:
    """A group as the org has it."""

    id: str
    name: str


@final
class GroupsApi:
    """The groups of one org, and who is in them.

    Methods raise ``CredentialsError``, ``OktaRefused`` and ``Unavailable`` with what the org said.
    """

    def __init__(
        self, client: OktaClient, *, sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    ) -> None:
        self._client = client
        self._once = Once(client, sleep)

    async def create(self, name: str, description: str) -> OktaGroup:
        """Create a group.

        Raises:
            ValidationFailed: the org does not take it.
            OutcomeUnknown: it may have been created.

        """
        call = Call("POST", _PATH, {"profile": {"name": name, "description": description}})

        async def created() -> OktaGroup | None:
            return await self.find(name)

        return await self._once.made(call, self._answered, created)

    async def find(self, name: str) -> OktaGroup | None:
        """Return the group that is called ``name``; None where the org has none."""
        async for entry in self._client.entries(f"{_PATH}?q={quote(name, safe='')}"):
            group = _group(as_object(entry, "the group"))
            if group.name == name:
                return group
        return None

    async def get(self, group_id: str) -> OktaGroup | None:
        """Return a group; None where the org has none with that id."""
        try:
            return self._answered(await self._client.call(Call("GET", _path(group_id))))
        except NotFound:
            return None

    async def add(self, group_id: str, user_id: str) -> None:
        """Add a user to a group; one that is in it stays in it, and nothing happens."""
        await self._client.call(Call("PUT", _membership(group_id, user_id)))

    async def remove(self, group_id: str, user_id: str) -> None:
        """Remove a user from a group."""
        with suppress(NotFound):
            await self._client.call(Call("DELETE", _membership(group_id, user_id)))

    async def delete(self, group_id: str) -> None:
        """Delete a group, as far as it is still there."""
        with suppress(NotFound):
            await self._client.call(Call("DELETE", _path(group_id)))

    def _answered(self, answer: Answer) -> OktaGroup:
        return _group(json_object(answer, "the group", self._client.hush))


def _group(group: Mapping[str, Any]) -> OktaGroup:
    profile = as_object(group.get("profile"), "profile")
    return OktaGroup(id_of(group, "group"), text_of(profile, "name"))


def _path(group_id: str) -> str:
    return f"{_PATH}/{in_path(group_id, 'group')}"


def _membership(group_id: str, user_id: str) -> str:
    return f"{_path(group_id)}/users/{in_path(user_id, 'user')}"
