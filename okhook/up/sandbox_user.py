"""Create a test user in a sandbox org, so that events happen there."""

import json
from typing import Any, Final

from okhook.okta.client import Call, OktaClient
from okhook.okta.refusals import ValidationFailed
from okhook.runtime.ids import new_uuid

TEST_USER_CAUSES: Final = frozenset({"user.lifecycle.create", "user.lifecycle.activate"})
"""The event types that the creation of an active user causes."""


async def create_sandbox_user(client: OktaClient) -> str:
    """Create Jane Doe, an active user, and return her name, login and id."""
    try:
        return await _create(client, "jane.doe@hookdeckexample.com")
    except ValidationFailed:  # an org that is kept in a file may already have her
        return await _create(client, f"jane.doe+{new_uuid()[:8]}@hookdeckexample.com")


async def _create(client: OktaClient, login: str) -> str:
    profile = {"firstName": "Jane", "lastName": "Doe", "email": login, "login": login}
    call = Call("POST", "/api/v1/users?activate=true", {"profile": profile}, once=True)
    user: dict[str, Any] = json.loads((await client.call(call)).body)
    return f"Jane Doe ({login}, {user.get('id')})"
