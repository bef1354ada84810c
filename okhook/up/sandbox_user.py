"""The guide's test user, created through the sandbox org's own API, so that an event happens."""

import json
from typing import Any, Final

from okhook.okta.client import Call, OktaClient
from okhook.okta.refusals import ValidationFailed
from okhook.runtime.ids import new_uuid

TEST_USER_MAKES: Final = frozenset({"user.lifecycle.create", "user.lifecycle.activate"})
"""The event types that come of creating a user who is active at once."""


async def create_sandbox_user(client: OktaClient) -> str:
    """Create Jane Doe, active at once, and return how she is called in the org.

    In an org that has her already, as one kept in a file may, her login gets a tag.

    Raises:
        OktaRefused, Unavailable: the org did not.
    """
    try:
        return await _created(client, "jane.doe@hookdeckexample.com")
    except ValidationFailed:
        return await _created(client, f"jane.doe+{new_uuid()[:8]}@hookdeckexample.com")


async def _created(client: OktaClient, login: str) -> str:
    profile = {"firstName": "Jane", "lastName": "Doe", "email": login, "login": login}
    call = Call("POST", "/api/v1/users?activate=true", {"profile": profile}, once=True)
    user: dict[str, Any] = json.loads((await client.call(call)).body)
    return f"Jane Doe ({login}, {user.get('id')})"
