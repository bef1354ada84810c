"""The token endpoint, and access tokens at the API: taken where they should be, not elsewhere."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.runtime.ids import utc_now
from okhook.sandbox.activities import ApiCalled
from okhook.sandbox.oauth.jwts import ServiceApp
from okhook.sandbox.oauth.proofs import ArrivingCall, UsedIds
from okhook.sandbox.oauth.server import OAuthServer
from okhook.sandbox.refusals import ApiRefusal
from tests.sandbox.keys import (
    Client,
    Json,
    ec_key,
    other_key,
    private_jwk,
    public_jwk,
    rsa_key,
    token_hash,
)
from tests.sandbox.rig import OrgRig, hook_body, org_rig

pytestmark = pytest.mark.anyio

HOOKS = "/api/v1/eventHooks"
BEARER = "0oaBearerApp"
READER = "0oaReader"


@dataclass
class Movable:
    """A clock that the tests can put forward."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class OAuthRig:
    """An org with three apps, and a client that is one of them."""

    org: OrgRig
    app: Client
    clock: Movable
    nonce: str = ""

    async def ask(
        self,
        form: Json | None = None,
        proof: str | None = None,
        **options: Any,  # noqa: ANN401 - passed on
    ) -> httpx.Response:
        """Ask for a token with a good proof, or with this one; an empty one is left out."""
        if proof is None:
            proof = self.app.proof("POST", self.app.endpoint, nonce=self.nonce or None)
        headers = {"DPoP": proof} if proof else {}
        data = self.app.form() if form is None else form
        answer = await self.org.client.post(
            "/oauth2/v1/token", data=data, headers={**headers, "Authorization": ""}, **options
        )
        self.nonce = answer.headers.get("dpop-nonce", self.nonce)
        return answer

    async def token(self, scope: str = "okta.eventHooks.read", **form: Any) -> str:  # noqa: ANN401 - passed on
        """Go through the dance, and return a token that is bound to the client's proof key."""
        if not self.nonce:
            refused = await self.ask()
            assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
        answer = await self.ask(self.app.form(scope, **form))
        assert answer.status_code == 200, answer.text
        assert answer.json()["token_type"] == "DPoP"
        token: str = answer.json()["access_token"]
        return token

    async def call(
        self, token: str, method: str = "GET", path: str = HOOKS, *, proof: str | None = None
    ) -> httpx.Response:
        """Call the API with a good proof, or with this one."""
        if proof is None:
            url = f"{self.org.sandbox.url}{path.partition('?')[0]}"
            proof = self.app.proof(method, url, ath=token_hash(token))
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        return await self.org.client.request(method, path, headers=headers)


@asynccontextmanager
async def oauth(directory: Path) -> AsyncIterator[OAuthRig]:
    clock = Movable()
    apps = (
        ServiceApp(
            "0oaTestApp", (public_jwk(rsa_key(), kid="old"), public_jwk(ec_key(), kid="k1"))
        ),
        ServiceApp(BEARER, (public_jwk(ec_key()),), needs_dpop=False),
        ServiceApp(READER, (public_jwk(ec_key()),), granted=("okta.eventHooks.read",)),
    )
    async with org_rig(directory, service_apps=apps, now=clock.now) as org:
        yield OAuthRig(org, Client(org.sandbox.url), clock)


async def test_a_nonce_and_a_token_give_access_to_the_api(tmp_path: Path) -> None:
    """Nonce, token, call: in the forms of RFC 6749 and RFC 9449, and nothing of it is cached."""
    async with oauth(tmp_path) as rig:
        first = await rig.ask()
        assert first.status_code == 400
        assert first.json() == {
            "error": "use_dpop_nonce",
            "error_description": "Authorization server requires nonce in DPoP proof.",
        }
        answer = await rig.ask()
        assert answer.headers["cache-control"] == "no-store"
        content = answer.json()
        assert (content["token_type"], content["expires_in"]) == ("DPoP", 3600)
        assert content["scope"] == "okta.eventHooks.read"
        assert (await rig.call(content["access_token"])).json() == []
        assert (await rig.call(content["access_token"], path=f"{HOOKS}?limit=1")).status_code == 200
        told = [activity.to_json() for activity in rig.org.told.of(ApiCalled)]
        assert [line["error_code"] for line in told][:2] == ["use_dpop_nonce", None]
        assert content["access_token"] not in str(told)


async def test_an_app_without_dpop_gets_a_bearer_token(tmp_path: Path) -> None:
    """No proof asked for, none needed; with one, the token is bound all the same."""
    async with oauth(tmp_path) as rig:
        rig.app.client_id = BEARER
        content = (await rig.ask(proof="")).json()
        assert content["token_type"] == "Bearer"
        headers = {"Authorization": f"Bearer {content['access_token']}"}
        assert (await rig.org.client.get(HOOKS, headers=headers)).status_code == 200
        misused = await rig.call(content["access_token"])
        assert misused.status_code == 401
        assert await rig.token()


@pytest.mark.parametrize("kid", ["k1", None])
async def test_any_of_the_apps_keys_will_do(tmp_path: Path, kid: str | None) -> None:
    """A kid picks the key; without one, each is tried."""
    async with oauth(tmp_path) as rig:
        for key, header in ((ec_key(), {"kid": kid} if kid else {}), (rsa_key(), {})):
            rig.nonce = ""
            assertion = rig.app.assertion(key=key, header=header)
            assert await rig.token(client_assertion=assertion)


now = int(time.time())
BAD_ASSERTIONS: dict[str, tuple[Json, str]] = {
    "another's key": ({"key": other_key()}, "signature is invalid"),
    "an unknown kid": ({"header": {"kid": "x"}}, "signature is invalid"),
    "the kid of another key": ({"header": {"kid": "old"}}, "signature is invalid"),
    "an unknown app": ({"iss": "0oaNobody", "sub": "0oaNobody"}, "client_id"),
    "another app's name": ({"sub": READER}, "iss and sub"),
    "no issuer": ({"iss": None}, "cannot be parsed"),
    "another audience": ({"aud": "https://dev.okta.com/oauth2/v1/token"}, "audience"),
    "the org as audience": ({"aud": "http://127.0.0.1"}, "audience"),
    "no audience": ({"aud": None}, "audience"),
    "expired": ({"exp": now - 1}, "expired"),
    "never ending": ({"exp": None}, "must have an expiration"),
    "an odd end": ({"exp": "soon"}, "must have an expiration"),
    "an end that is no time": ({"exp": True}, "must have an expiration"),
    "an end beyond all time": ({"exp": 10**400}, "must have an expiration"),
    "an end at no time": ({"exp": float("inf")}, "must have an expiration"),
    "too long": ({"exp": now + 86_400}, "too far into the future"),
    "of tomorrow": ({"iat": now + 86_400}, "issued in the future"),
}


@pytest.mark.parametrize("name", BAD_ASSERTIONS)
async def test_an_assertion_that_proves_nothing_is_refused(tmp_path: Path, name: str) -> None:
    """401 invalid_client, whatever is wrong, and no token."""
    changes, words = BAD_ASSERTIONS[name]
    async with oauth(tmp_path) as rig:
        await rig.ask()
        answer = await rig.ask(rig.app.form(client_assertion=rig.app.assertion(**changes)))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert words in answer.json()["error_description"]


async def test_an_unsigned_assertion_is_refused(tmp_path: Path) -> None:
    """Neither "none" nor a secret instead of a key: RFC 8725."""
    claims = {"iss": "0oaTestApp", "sub": "0oaTestApp", "exp": int(time.time()) + 300, "jti": "1"}
    async with oauth(tmp_path) as rig:
        claims["aud"] = rig.app.endpoint
        unsigned = jwt.encode(claims, "", algorithm="none")
        symmetric = jwt.encode(claims, "s" * 64, algorithm="HS256")
        for assertion in (unsigned, symmetric, "a.b.c", "x", "…", unsigned[:-1] + "e30"):
            answer = await rig.ask(rig.app.form(client_assertion=assertion))
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_is_valid_once(tmp_path: Path) -> None:
    """Also where the request was refused for its nonce: each try needs its own."""
    async with oauth(tmp_path) as rig:
        form = rig.app.form()
        assert (await rig.ask(form)).json()["error"] == "use_dpop_nonce"
        again = await rig.ask(form)
    assert again.status_code == 401
    assert again.json() == {
        "error": "invalid_client",
        "error_description": "The client_assertion token has already been used.",
    }


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": None}, 400, "invalid_request"),
        ({"scope": "okta.apps.manage openid"}, 400, "consent_required"),
        ({"client_assertion": None}, 401, "invalid_client"),
        ({"client_assertion_type": "x"}, 401, "invalid_client"),
        ({"client_id": READER}, 401, "invalid_client"),
    ],
)
async def test_an_invalid_form_is_refused(
    tmp_path: Path, changes: Json, status: int, error: str
) -> None:
    """OAuth's own error object, not Okta's envelope."""
    async with oauth(tmp_path) as rig:
        await rig.ask()
        answer = await rig.ask(rig.app.form(**changes))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}


async def test_a_body_that_is_no_form_is_refused(tmp_path: Path) -> None:
    """JSON, and a parameter that is there twice (RFC 6749, 3.2)."""
    async with oauth(tmp_path) as rig:
        url = "/oauth2/v1/token"
        as_json = await rig.org.client.post(url, json=rig.app.form())
        twice = await rig.ask({**rig.app.form(), "grant_type": ["client_credentials", "x"]})
    assert [answer.json()["error"] for answer in (as_json, twice)] == ["invalid_request"] * 2


async def test_scopes_are_cut_to_what_was_granted(tmp_path: Path) -> None:
    """As Okta does: the token is for less than was asked for, and says so."""
    async with oauth(tmp_path) as rig:
        rig.app.client_id = READER
        await rig.ask()
        answer = await rig.ask(rig.app.form("okta.eventHooks.read okta.logs.read"))
    assert answer.json()["scope"] == "okta.eventHooks.read"


async def test_a_call_beyond_the_tokens_scope_is_refused(tmp_path: Path) -> None:
    """403 E0000006; the header names the scope. Who manages may read, not the other way round."""
    async with oauth(tmp_path) as rig:
        token = await rig.token("okta.eventHooks.read")
        refused = await rig.call(token, "POST")
        assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")
        challenge = refused.headers["www-authenticate"]
        assert challenge.startswith("DPoP ")
        assert 'error="insufficient_scope"' in challenge
        assert 'scope="okta.eventHooks.manage"' in challenge
        assert (await rig.call(token, path="/api/v1/logs")).status_code == 403
        manager = await rig.token("okta.eventHooks.manage")
        assert (await rig.call(manager)).status_code == 200
        assert (await rig.call(manager, path="/api/v1/unknown")).status_code == 404


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/api/v1/org", "okta.orgs.read"),
        ("/api/v1/meta/types/user", "okta.userTypes.read"),
        ("/api/v1/meta/schemas/user/default", "okta.schemas.read"),
        ("/api/v1/groups/rules/?limit=1", "okta.groups.read"),
        ("/api/v1/users/?limit=1", "okta.users.read"),
    ],
)
async def test_each_endpoint_has_its_scope_field_18(tmp_path: Path, path: str, scope: str) -> None:
    """A token with another one is refused; a proof is for the path as called, slash included."""
    async with oauth(tmp_path) as rig:
        refused = await rig.call(await rig.token("okta.eventHooks.read"), path=path)
        assert f'scope="{scope}"' in refused.headers["www-authenticate"]
        assert (await rig.call(await rig.token(scope), path=path)).status_code == 200


def proofs(rig: OAuthRig, token: str) -> dict[str, tuple[str, int, str]]:
    """Return proofs that are wrong at the API, each with the status and what is named."""
    url = f"{rig.org.sandbox.url}{HOOKS}"
    ath, proof = token_hash(token), rig.app.proof
    second = int(time.time())
    return {
        "none": ("", 400, "invalid_dpop_proof"),
        "not a JWT": ("x.y.z", 400, "invalid_dpop_proof"),
        "another method": (proof("POST", url, ath=ath), 400, "'htm'"),
        "a method in small letters": (proof("get", url, ath=ath), 400, "'htm'"),
        "another path": (proof("GET", f"{url}/x", ath=ath), 400, "'htu'"),
        "a query": (proof("GET", f"{url}?a=b", ath=ath), 400, "'htu'"),
        "a doubled slash": (proof("GET", url.replace("/api", "//api"), ath=ath), 400, "'htu'"),
        "another host": (proof("GET", f"https://evil.example{HOOKS}", ath=ath), 400, "'htu'"),
        "no hash": (proof("GET", url), 400, "'ath'"),
        "another token's hash": (proof("GET", url, ath=token_hash("x")), 400, "'ath'"),
        "an old one": (proof("GET", url, ath=ath, iat=second - 400), 400, "'iat'"),
        "one of tomorrow": (proof("GET", url, ath=ath, iat=second + 900), 400, "'iat'"),
        "no time": (proof("GET", url, ath=ath, iat=None), 400, "'iat'"),
        "no id": (proof("GET", url, ath=ath, jti=None), 400, "'jti'"),
        "another type": (proof("GET", url, ath=ath, header={"typ": "JWT"}), 400, "'typ'"),
        "a key that did not sign it": (
            proof("GET", url, ath=ath, header={"jwk": public_jwk(ec_key())}), 400, "signature",
        ),
        "another's key": (proof("GET", url, ath=ath, key=ec_key()), 401, "invalid_token"),
        "a nonce of nobody": (proof("GET", url, ath=ath, nonce="x"), 401, "use_dpop_nonce"),
    }  # fmt: skip


async def test_a_proof_that_proves_nothing_is_refused_at_the_api(tmp_path: Path) -> None:
    """Each claim is checked; the reason stands in WWW-Authenticate."""
    async with oauth(tmp_path) as rig:
        token = await rig.token()
        for name, (proof, status, words) in proofs(rig, token).items():
            answer = await rig.call(token, proof=proof)
            assert answer.status_code == status, name
            assert words in answer.headers["www-authenticate"], name
        assert (await rig.call(token)).status_code == 200


async def test_two_proof_headers_are_refused(tmp_path: Path) -> None:
    """RFC 9449, 4.3: more than one DPoP header is refused, good as the first may be."""
    async with oauth(tmp_path) as rig:
        token = await rig.token()
        url = f"{rig.org.sandbox.url}{HOOKS}"
        headers = [("Authorization", f"DPoP {token}")]
        headers += [("DPoP", rig.app.proof("GET", url, ath=token_hash(token))) for _ in range(2)]
        answer = await rig.org.client.get(HOOKS, headers=headers)
        assert answer.status_code == 400
        assert "invalid_dpop_proof" in answer.headers["www-authenticate"]


async def test_a_private_key_in_a_proof_is_refused(tmp_path: Path) -> None:
    """RFC 9449, 4.3: whoever sends it has given it away."""
    async with oauth(tmp_path) as rig:
        header = {"jwk": private_jwk(other_key())}
        answer = await rig.ask(proof=rig.app.proof("POST", rig.app.endpoint, header=header))
    assert answer.json()["error"] == "invalid_dpop_proof"


async def test_a_proof_is_valid_once(tmp_path: Path) -> None:
    """What somebody overheard is of no use."""
    async with oauth(tmp_path) as rig:
        token = await rig.token()
        url = f"{rig.org.sandbox.url}{HOOKS}"
        proof = rig.app.proof("GET", url, ath=token_hash(token))
        statuses = [(await rig.call(token, proof=proof)).status_code for _ in range(2)]
    assert statuses == [200, 400]


async def test_the_token_endpoint_checks_proofs_too(tmp_path: Path) -> None:
    """Okta's words where an app has to send one and does not."""
    async with oauth(tmp_path) as rig:
        missing = await rig.ask(proof="")
        assert missing.status_code == 400
        assert missing.json() == {
            "error": "invalid_dpop_proof",
            "error_description": "The DPoP proof JWT header is missing.",
        }
        for method, url in (("GET", rig.app.endpoint), ("POST", f"{rig.app.url}/oauth2/v1/x")):
            answer = await rig.ask(proof=rig.app.proof(method, url))
            assert answer.json()["error"] == "invalid_dpop_proof"


async def test_tokens_and_nonces_expire(tmp_path: Path) -> None:
    """A token after an hour; a nonce is renewed after a day, and the old one goes after three."""
    async with oauth(tmp_path) as rig:
        token = await rig.token()
        first = rig.nonce
        rig.clock.ahead = timedelta(hours=1, seconds=1)
        url = f"{rig.org.sandbox.url}{HOOKS}"
        proof = rig.app.proof("GET", url, ath=token_hash(token), iat=int(time.time()) + 3_700)
        ended = await rig.call(token, proof=proof)
        assert (ended.status_code, ended.json()["errorCode"]) == (401, "E0000011")
        assert 'error="invalid_token"' in ended.headers["www-authenticate"]
        for days, answered in ((2, 200), (4, 400)):
            rig.clock.ahead = timedelta(days=days)
            then = int(rig.clock.now().timestamp())
            assertion = rig.app.assertion(iat=then, exp=then + 60)
            proof = rig.app.proof("POST", rig.app.endpoint, iat=then, nonce=first)
            answer = await rig.ask(rig.app.form(client_assertion=assertion), proof)
            assert answer.status_code == answered
            assert rig.nonce != first


async def test_what_an_app_does_is_logged_as_the_apps(tmp_path: Path) -> None:
    """The actor is the app and not the owner of the API token."""
    async with oauth(tmp_path) as rig:
        token = await rig.token("okta.eventHooks.manage")
        url = f"{rig.org.sandbox.url}{HOOKS}"
        headers = {
            "Authorization": f"DPoP {token}",
            "DPoP": rig.app.proof("POST", url, ath=token_hash(token)),
        }
        created = await rig.org.client.post(
            HOOKS, json=hook_body("https://a.example.com"), headers=headers
        )
        assert created.status_code == 200, created.text
        [entry] = await rig.org.log('?filter=eventType eq "event_hook.created"')
    assert (entry["actor"]["id"], entry["actor"]["type"]) == ("0oaTestApp", "PublicClientApp")
    assert entry["transaction"]["detail"] == {}


@settings(max_examples=60, deadline=None)
@given(
    header=st.binary(max_size=80) | st.sampled_from([b"DPoP", b"Bearer", b"Bearer  ", b"dpop x"]),
    proof=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
)
async def test_malformed_credentials_are_refused(header: bytes, proof: str) -> None:
    """Whatever stands in the two headers: a refusal of Okta's kind, never a 500 and never a 200."""
    server = OAuthServer([ServiceApp("0oaTestApp", (public_jwk(ec_key()),))], utc_now)
    call = ArrivingCall("GET", "http://127.0.0.1:1", HOOKS, proof)
    with pytest.raises(ApiRefusal) as caught:
        server.client_of(header.decode("latin-1"), call)
    assert caught.value.status in (400, 401)
    form = {"grant_type": "client_credentials", "client_assertion": proof}
    form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    with pytest.raises(ApiRefusal) as caught:
        server.issue(form, call)
    assert caught.value.status in (400, 401)


@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 8)), max_size=40))
def test_no_id_is_new_twice_within_its_time(steps: list[tuple[str, int]]) -> None:
    """Whenever and in whatever order they come; after that time it counts again."""
    memory = timedelta(seconds=10)
    used = UsedIds(memory)
    at, taken = utc_now(), dict[str, datetime]()
    for id_, passed_s in steps:
        at += timedelta(seconds=passed_s)
        is_new = id_ not in taken or taken[id_] <= at - memory
        assert used.is_new(id_, at) == is_new
        if is_new:
            taken[id_] = at
