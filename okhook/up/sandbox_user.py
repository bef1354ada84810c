"""The guide's test user, created through the sandbox org's own API, so that an event happens."""

import json
from typing import Any

from okhook.okta.client import Call, OktaClient

SANDBOX_USER = {
    "profile": {
        "firstName": "Jane",
        "lastName": "Doe",
        "email": "jane.doe@hookdeckexample.com",
        "login": "jane.doe@hookdeckexample.com",
    }
}


async def create_sandbox_user(client: OktaClient) -> str:
    """Create Jane Doe, active at once, and return how she is called in the org.

    Raises:
        OktaRefused, Unavailable: the org did not.

    """
    answer = await client.call_once(Call("POST", "/api/v1/users?activate=true", SANDBOX_USER))
    user: dict[str, Any] = json.loads(answer.body)
    profile = SANDBOX_USER["profile"]
    return f"{profile['firstName']} {profile['lastName']} ({profile['login']}, {user.get('id')})"
