"""What a credential may do, found out by reading."""

import pytest
from starlette.responses import JSONResponse, Response

from okhook.doctor.checks_org import judged_credential
from okhook.errors import ConfigurationError, CredentialsError, Unavailable
from okhook.http.client import HttpClient
from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.auth.credential import SswsCredential
from okhook.okta.client import OktaClient
from okhook.okta.permissions import permissions
from okhook.okta.retry import RateLimitLeft
from okhook.secret import Secret
from okhook.wire.org import parse_org
from tests.okta.fake_org import FakeOrg, answering, error, server_error
from tests.okta.setup import Watched, client_of

pytestmark = pytest.mark.anyio


def listed() -> Response:
    limits = {"X-Rate-Limit-Limit": "120", "X-Rate-Limit-Remaining": "7"}
    return JSONResponse([], headers=limits)


async def test_each_resource_has_its_own_result() -> None:
    """A refused one has Okta's reason, another the rate limit."""
    org = FakeOrg()
    org.fail_next("GET /api/v1/logs", answering(lambda: error(403, "E0000006", "no permission")))
    org.fail_next("GET /api/v1/users", answering(listed))
    async with client_of(org, Watched()) as client:
        hooks, logs, users = await permissions(client)
    assert (hooks.allowed, hooks.rate_limit) == (True, None)
    assert (logs.allowed, logs.rate_limit) == (False, None)
    assert "E0000006: no permission" in str(logs.reason)
    assert (users.allowed, users.rate_limit) == (True, RateLimitLeft(120, 7, None))
    assert [request.method for request in org.seen] == ["GET"] * 3


async def test_an_unknown_token_and_a_silent_org_are_errors() -> None:
    """Exit 4 and exit 6."""
    async with client_of(FakeOrg(), Watched(), token="00wrong-token") as client:
        with pytest.raises(CredentialsError):
            await permissions(client)
    org = FakeOrg()
    org.fail_next("GET", *[server_error()] * 9)
    async with client_of(org, Watched()) as client:
        with pytest.raises(Unavailable):
            await permissions(client)


@pytest.mark.parametrize("body", ["<title>Sign in</title>", "", "null", "{}"])
async def test_a_page_that_answers_in_the_place_of_the_org_grants_nothing(body: str) -> None:
    """A proxy's sign-in page answers 200 to everything."""
    org = FakeOrg()
    org.fail_next("GET", answering(lambda: Response(body, media_type="text/html")))
    async with client_of(org, Watched()) as client:
        with pytest.raises(UnexpectedAnswer, match="the list /api/v1/eventHooks"):
            await permissions(client)


async def test_an_unusable_proxy_is_an_error_field_13(monkeypatch: pytest.MonkeyPatch) -> None:
    """`whoami` knows nothing of the credential then: nothing was sent."""
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    async with HttpClient() as http:
        credential = SswsCredential(Secret("00token"), "OKHOOK_TOKEN")
        client = OktaClient(
            parse_org("org.okta.invalid"), credential, http, publish=Watched().publish
        )
        with pytest.raises(ConfigurationError, match=r"could not call org\.okta\.invalid"):
            await permissions(client)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_missing_feature_is_not_the_credentials_fault_field_19(status: int) -> None:
    """The doctor then gives no advice about tokens, scopes and roles."""
    org = FakeOrg()
    org.fail_next("GET", answering(lambda: error(status, "E0000015", "no such feature")))
    async with client_of(org, Watched()) as client:
        hooks, logs, _ = await permissions(client)
    assert not hooks.allowed
    assert "E0000015" in str(hooks.reason)
    assert "Settings → Features" in str(hooks.next_step)
    assert logs.next_step is None
    credential = SswsCredential(Secret("00token"), "OKHOOK_TOKEN")
    found = judged_credential(credential, (hooks,), None)
    assert found.remedy == hooks.next_step
