"""The Event Hooks Management API: its eight operations, typed and checked."""

import re
from typing import Any, final

from okhook.errors import InvalidInput
from okhook.http.client import Answer
from okhook.okta.answers import UnexpectedAnswer, json_object
from okhook.okta.client import Call, OktaClient
from okhook.okta.event_hooks import EventHook, read_event_hook

_PATH = "/api/v1/eventHooks"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_VERIFY_TIMEOUT_S = 30.0
"""The org itself waits for two answers of the endpoint, 3 s each, before it answers us."""


@final
class EventHooksApi:
    """The event hooks of one org."""

    def __init__(self, client: OktaClient) -> None:
        self._client = client
        self.org = client.org
        self.hush = client.hush

    async def all(self) -> list[EventHook]:
        """Return every event hook of the org."""
        entries = self._client.entries(_PATH)
        return [self._read(entry) async for entry in entries]

    async def get(self, hook_id: str) -> EventHook:
        """Return one hook.

        Raises:
            NotFound: the org has none with that id.

        """
        return self._hook(await self._client.call(Call("GET", _path(hook_id))))

    async def create(self, body: dict[str, Any]) -> EventHook:
        """Create a hook: it is active and unverified.

        Raises:
            OutcomeUnknown: it may have been created; look before this is called again.
            ValidationFailed: the org does not take it.

        """
        return self._hook(await self._client.call_once(Call("POST", _PATH, body)))

    async def replace(self, hook_id: str, body: dict[str, Any]) -> EventHook:
        """Replace a hook's definition; a changed channel makes it unverified."""
        return self._hook(await self._client.call(Call("PUT", _path(hook_id), body)))

    async def delete(self, hook_id: str) -> None:
        """Delete a hook, which must be inactive."""
        await self._client.call(Call("DELETE", _path(hook_id)))

    async def activate(self, hook_id: str) -> EventHook:
        """Let the org deliver to the hook; an org has at most 25 active ones."""
        return await self._lifecycle(hook_id, "activate")

    async def deactivate(self, hook_id: str) -> EventHook:
        """Let the org deliver nothing more to the hook."""
        return await self._lifecycle(hook_id, "deactivate")

    async def verify(self, hook_id: str) -> EventHook:
        """Have the org send its verification challenge to the hook's URL.

        Raises:
            ValidationFailed: the answer was not the right one; Okta does not say why.

        """
        return await self._lifecycle(hook_id, "verify", timeout_s=_VERIFY_TIMEOUT_S)

    async def _lifecycle(self, hook_id: str, step: str, *, timeout_s: float = 15.0) -> EventHook:
        call = Call("POST", f"{_path(hook_id)}/lifecycle/{step}", timeout_s=timeout_s)
        return self._hook(await self._client.call(call))

    def _hook(self, answer: Answer) -> EventHook:
        return self._read(json_object(answer, "the event hook", self._client.hush))

    def _read(self, value: object) -> EventHook:
        hook = read_event_hook(value, self._client.secrets)
        if not is_hook_id(hook.id):
            raise UnexpectedAnswer("the org's answer makes no sense: the hook's id is not an id")
        return hook


def is_hook_id(text: str) -> bool:
    """Tell whether ``text`` can be the id of an event hook."""
    return _ID.fullmatch(text) is not None


def _path(hook_id: str) -> str:
    """Return the path of a hook.

    Raises:
        InvalidInput: it is not an id, and could lead elsewhere.

    """
    if not is_hook_id(hook_id):
        raise InvalidInput("that is not the id of an event hook: one looks like who8vt36qfNpCGz9H1")
    return f"{_PATH}/{hook_id}"
