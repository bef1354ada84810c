"""A service app and a sandbox org, on real sockets: the token endpoint spoils its answers, too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from okhook.http.client import HttpClient
from okhook.okta.auth.credential import TOKEN_PATH, ServiceAppCredential
from okhook.okta.auth.private_key import key_in_text
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import body_of
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.retry import CallRetried, RateLimited
from okhook.okta.users_and_groups import UsersApi
from okhook.sandbox.activities import ApiCalled, FaultInjected
from okhook.sandbox.faults import read_fault
from okhook.sandbox.oauth.jwts import ServiceApp
from okhook.secret import Secret
from okhook.wire.org import Org
from tests.okta.setup import QUICK, WANTED, Watched
from tests.sandbox.keys import ec_key, pem, public_jwk
from tests.sandbox.rig import OrgRig, org_rig

pytestmark = pytest.mark.anyio

APP = "0oaApp"
LOGIN = "jane+o'neill@example.com"


@asynccontextmanager
async def client_and_org(
    tmp_path: Path, watched: Watched, *faults: str
) -> AsyncIterator[tuple[OktaClient, OrgRig]]:
    async with (
        org_rig(
            tmp_path,
            faults=tuple(read_fault(fault) for fault in faults),
            service_apps=(ServiceApp(APP, (public_jwk(ec_key()),)),),
        ) as org,
        HttpClient(user_agent="okhook/tests") as http,
    ):
        key = key_in_text(pem(ec_key()), "KEY", None)
        client = OktaClient(
            Org(org.sandbox.url),
            ServiceAppCredential(APP, key, "OKHOOK_CLIENT_ID", "KEY_FILE"),
            http,
            publish=watched.publish,
            retry=QUICK,
            sleep=watched.sleep,
        )
        yield client, org


@pytest.mark.parametrize(
    ("fault", "said"),
    [("429:2", RateLimited), ("500:2", CallRetried), ("cut:2", CallRetried), ("slow=0.05:2", None)],
)
async def test_a_write_waits_for_its_token(
    tmp_path: Path, fault: str, said: type[RateLimited | CallRetried] | None
) -> None:
    """The token comes after some tries, each of them told; the hook is created once."""
    watched = Watched()
    async with client_and_org(tmp_path, watched, f"{fault}@POST{TOKEN_PATH}") as (client, org):
        hook = await EventHooksApi(client).create(body_of(WANTED, description=None))
        writes = [call for call in org.told.of(ApiCalled) if call.path == "/api/v1/eventHooks"]
        assert len(org.told.of(FaultInjected)) == 2
        assert [one.id for one in await EventHooksApi(client).all()] == [hook.id]
    assert [(call.method, call.status) for call in writes] == [("POST", 200)]
    told = {type(one) for one in watched.activities if isinstance(one, RateLimited | CallRetried)}
    assert told == ({said} if said else set())


async def test_a_user_whose_create_was_cut_is_found_by_login(tmp_path: Path) -> None:
    """The login stands in the path, encoded; the proof for it is one that the org takes."""
    async with client_and_org(tmp_path, Watched(), "cut@POST/api/v1/users") as (client, org):
        users = UsersApi(client)
        profile = {"firstName": "Jane", "lastName": "O", "email": LOGIN, "login": LOGIN}
        user = await users.create(profile, Secret("a-Password-of-2-days"))
        found = await users.find(LOGIN)
        assert found == user
        paths = [call.path for call in org.told.of(ApiCalled) if call.method == "POST"]
    assert len([path for path in paths if path.startswith("/api/v1/users")]) == 1
