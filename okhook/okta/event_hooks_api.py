"""Okta's API that manages the event hooks of an org."""

from dataclasses import dataclass
from typing import Any

from okhook.errors import InvalidInput
from okhook.okta.answers import is_id
from okhook.okta.client import Call, OktaClient
from okhook.okta.event_hooks import EventHook, read_event_hook

EVENT_HOOKS_PATH = "/api/v1/eventHooks"

_VERIFY_TIMEOUT_S = 30.0
"""The org waits for up to two answers from the endpoint, 3 s each, before it answers us."""


@dataclass(frozen=True, slots=True)
class EventHooksApi:
    """The event hooks of one org. Methods raise NotFound if the org does not have the hook."""

    client: OktaClient

    async def all(self) -> list[EventHook]:
        """Return every event hook of the org."""
        hooks = self.client.entries(EVENT_HOOKS_PATH)
        return [read_event_hook(hook, self.client.secrets) async for hook in hooks]

    async def get(self, hook_id: str) -> EventHook:
        """Return one hook."""
        return await self._hook(Call("GET", _path(hook_id)))

    async def create(self, body: dict[str, Any]) -> EventHook:
        """Create a hook, active and unverified; after an OutcomeUnknown it may exist."""
        return await self._hook(Call("POST", EVENT_HOOKS_PATH, body, once=True))

    async def replace(self, hook_id: str, body: dict[str, Any]) -> EventHook:
        """Replace a hook's definition; a changed channel makes it unverified."""
        return await self._hook(Call("PUT", _path(hook_id), body))

    async def delete(self, hook_id: str) -> None:
        """Delete a hook, which must be inactive."""
        await self.client.carry_out(Call("DELETE", _path(hook_id)))

    async def set_active(self, hook_id: str, active: bool) -> EventHook:
        """Activate or deactivate a hook."""
        change = "activate" if active else "deactivate"
        return await self._hook(Call("POST", f"{_path(hook_id)}/lifecycle/{change}"))

    async def verify(self, hook_id: str) -> None:
        """Make the org send its challenge to the hook; raise ValidationFailed if that fails."""
        path = f"{_path(hook_id)}/lifecycle/verify"
        await self._hook(Call("POST", path, timeout_s=_VERIFY_TIMEOUT_S))

    async def _hook(self, call: Call) -> EventHook:
        hook = await self.client.object(call, "the event hook")
        return read_event_hook(hook, self.client.secrets)


def _path(hook_id: str) -> str:
    if not is_id(hook_id):
        raise InvalidInput("invalid event hook id: expected one like who8vt36qfNpCGz9H1e6")
    return f"{EVENT_HOOKS_PATH}/{hook_id}"
