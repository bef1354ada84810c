"""The Event Hooks Management API: its eight operations, typed and checked."""

import re
from typing import Any, final

from okhook.errors import InvalidInput
from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.client import Call, OktaClient
from okhook.okta.event_hooks import EventHook, read_event_hook

_PATH = "/api/v1/eventHooks"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

MOST_ACTIVE = 25
"""Active event hooks that an org can have."""

_VERIFY_TIMEOUT_S = 30.0
"""The org itself waits for two answers of the endpoint, 3 s each, before it answers us."""


@final
class EventHooksApi:
    """The event hooks of one org. A hook that the org does not have raises NotFound."""

    def __init__(self, client: OktaClient) -> None:
        self.client = client
        self.org = client.org
        self.hush = client.hush

    async def all(self) -> list[EventHook]:
        """Return every event hook of the org."""
        return [self._read(entry) async for entry in self.client.entries(_PATH)]

    async def get(self, hook_id: str) -> EventHook:
        """Return one hook."""
        return await self._hook(Call("GET", _path(hook_id)))

    async def create(self, body: dict[str, Any]) -> EventHook:
        """Create a hook: it is active and unverified.

        After an OutcomeUnknown it may have been created; look before this is called again.
        """
        return await self._hook(Call("POST", _PATH, body, once=True))

    async def replace(self, hook_id: str, body: dict[str, Any]) -> EventHook:
        """Replace a hook's definition; a changed channel makes it unverified."""
        return await self._hook(Call("PUT", _path(hook_id), body))

    async def delete(self, hook_id: str) -> None:
        """Delete a hook, which must be inactive."""
        await self.client.call(Call("DELETE", _path(hook_id)))

    async def activate(self, hook_id: str) -> EventHook:
        """Let the org deliver to the hook; an org has at most 25 active ones."""
        return await self._hook(Call("POST", f"{_path(hook_id)}/lifecycle/activate"))

    async def deactivate(self, hook_id: str) -> EventHook:
        """Let the org deliver nothing more to the hook."""
        return await self._hook(Call("POST", f"{_path(hook_id)}/lifecycle/deactivate"))

    async def verify(self, hook_id: str) -> EventHook:
        """Have the org send its verification challenge to the hook's URL.

        Raises ValidationFailed if the answer was not the right one; Okta does not say why.
        """
        path = f"{_path(hook_id)}/lifecycle/verify"
        return await self._hook(Call("POST", path, timeout_s=_VERIFY_TIMEOUT_S))

    async def _hook(self, call: Call) -> EventHook:
        return self._read(await self.client.object(call, "the event hook"))

    def _read(self, value: object) -> EventHook:
        hook = read_event_hook(value, self.client.secrets)
        if not is_hook_id(hook.id):
            raise UnexpectedAnswer("the org's answer makes no sense: the hook's id is not an id")
        return hook


def is_hook_id(text: str) -> bool:
    """Tell whether ``text`` can be the id of an event hook."""
    return _ID.fullmatch(text) is not None


def _path(hook_id: str) -> str:
    """Return the path of a hook; raise for an id that would lead elsewhere."""
    if not is_hook_id(hook_id):
        raise InvalidInput("that is not the id of an event hook: one looks like who8vt36qfNpCGz9H1")
    return f"{_PATH}/{hook_id}"
