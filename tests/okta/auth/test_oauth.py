"""A service app: its tokens, a proof for each call, and the org's clock and nonces."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import anyio
import httpx
import jwt
import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from okhook.activity import Warned
from okhook.config.setting import Setting
from okhook.errors import (
    ConfigurationError,
    CredentialsError,
    OkhookError,
    OktaRefused,
    Unavailable,
)
from okhook.http.client import HttpClient
from okhook.okta.auth.credential import ServiceAppCredential
from okhook.okta.auth.oauth import ServiceAppAuth
from okhook.okta.auth.private_key import key_in_text
from okhook.okta.client import Call, OktaClient
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.refusals import ScopeMissing
from okhook.okta.retry import OutcomeUnknown
from tests.okta.auth.fake_oauth import (
    CLIENT_ID,
    FakeOAuth,
    Gathering,
    TokenFault,
    at,
    challenged,
    oauth_error,
)
from tests.okta.fake_org import (
    answering,
    cut_after_carrying_out,
    error,
    server_error,
    shown,
    too_many,
)
from tests.okta.setup import ORG, QUICK, Watched
from tests.sandbox.keys import ec_key, pem, rsa_key
from tests.sandbox.rig import hook_body

pytestmark = pytest.mark.anyio

LIST = Call("GET", "/api/v1/eventHooks")
BODY: dict[str, Any] = hook_body("https://hooks.example.com/okta")
CREATE = Call("POST", "/api/v1/eventHooks", BODY, once=True)
READ, MANAGE = "okta.eventHooks.read", "okta.eventHooks.manage"


def app(key: Any = None, key_id: str | None = None, **more: Any) -> ServiceAppCredential:  # noqa: ANN401 - passed on
    text = pem(key or ec_key())
    return ServiceAppCredential(
        CLIENT_ID, key_in_text(text, "key", key_id), "OKHOOK_CLIENT_ID", "KEY_FILE", **more
    )


@dataclass
class AppRig:
    """A client with a service app, the org that it calls, and a clock of its own."""

    oauth: FakeOAuth
    client: OktaClient
    watched: Watched
    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    @property
    def scopes_asked(self) -> list[str]:
        return [form["scope"] for form in self.oauth.forms]


@asynccontextmanager
async def app_rig(
    oauth: FakeOAuth | None = None, credential: ServiceAppCredential | None = None
) -> AsyncIterator[AppRig]:
    oauth = oauth or FakeOAuth(ec_key().public_key())
    watched, ahead = Watched(), [timedelta()]

    def now() -> datetime:
        return oauth.now + ahead[0]

    transport = httpx.ASGITransport(app=oauth)
    async with HttpClient(user_agent="okhook/tests", transport=transport) as http:
        client = OktaClient(
            ORG, credential or app(), http, publish=watched.publish, retry=QUICK,
            sleep=watched.sleep, now=now,
        )  # fmt: skip
        yield AppRig(oauth, client, watched, ahead)


async def outcome(rig: AppRig, call: Call = LIST) -> OkhookError:
    with pytest.raises(OkhookError) as caught:
        await rig.client.call(call)
    return caught.value


def told(outcome: OkhookError) -> str:
    return "\n".join(filter(None, (outcome.what, outcome.why, outcome.next_step)))


async def test_a_token_is_requested_once_for_each_scope_that_is_needed() -> None:
    """First one for reading, with the org's nonce, then one for writing; both are used again."""
    async with app_rig() as rig:
        for _ in range(3):
            await rig.client.call(LIST)
        assert rig.scopes_asked == [READ, READ]
        await EventHooksApi(rig.client).create(BODY)
        await rig.client.call(LIST)
        assert rig.scopes_asked == [READ, READ, MANAGE]
        assert [p.get("nonce") for p in rig.oauth.proofs][:2] == [None, "nonce-1"]
        assert all("ath" in proof for proof in rig.oauth.proofs[2:5])
        [form, *_] = rig.oauth.forms
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"].endswith("jwt-bearer")
    assert "client_secret" not in form


@pytest.mark.parametrize(("key", "algorithm"), [(ec_key, "ES256"), (rsa_key, "RS256")])
@pytest.mark.parametrize("key_id", [None, "k1"])
async def test_rsa_and_ec_keys_with_and_without_an_id(
    key: Callable[[], Any], algorithm: str, key_id: str | None
) -> None:
    """The assertion's header has the algorithm, and the key id if one is set."""
    async with app_rig(FakeOAuth(key().public_key()), app(key(), key_id)) as rig:
        await rig.client.call(LIST)
        header = rig.oauth.headers[0]
    assert (header["alg"], header.get("kid")) == (algorithm, key_id)
    [first, *_] = rig.oauth.assertions
    assert 0 < first["exp"] - first["iat"] <= 3600


async def test_an_app_without_dpop_sends_no_proof_with_its_token() -> None:
    """A bearer token is sent without a proof."""
    oauth = FakeOAuth(ec_key().public_key(), token_type="Bearer", wants_nonce=None)
    async with app_rig(oauth) as rig:
        await rig.client.call(LIST)
        assert len(rig.oauth.forms) == 1


async def test_a_token_is_renewed_shortly_before_it_ends() -> None:
    """A minute before, and not a call earlier."""
    async with app_rig() as rig:
        await rig.client.call(LIST)
        rig.oauth.org.now += timedelta(seconds=3530)
        await rig.client.call(LIST)
        assert len(rig.oauth.tokens) == 1
        rig.oauth.org.now += timedelta(seconds=15)
        await rig.client.call(LIST)
        assert len(rig.oauth.tokens) == 2


async def test_a_token_that_ended_early_is_replaced_once() -> None:
    """After a revocation, the call is made again with a new token."""
    async with app_rig() as rig:
        await rig.client.call(LIST)
        rig.oauth.revoke()
        hook = await EventHooksApi(rig.client).create(BODY)
        assert list(rig.oauth.org.hooks) == [hook.id]
        assert len(rig.oauth.org.writes) == 1


async def test_a_token_that_is_never_accepted_ends_in_an_error() -> None:
    """Exit 4 after a few tries, with the org's reason and nothing secret."""
    async with app_rig() as rig:
        await rig.client.call(LIST)
        rig.oauth.org.fail_next("GET", *[answering(lambda: error(401, "E0000011", "no"))] * 9)
        before = len(rig.oauth.forms)
        found = await outcome(rig)
        assert len(rig.oauth.forms) - before == 2
    assert isinstance(found, CredentialsError)
    assert f"the app {CLIENT_ID} from OKHOOK_CLIENT_ID" in found.what
    assert "E0000011" in str(found.why)
    assert not any(token in told(found) for token in rig.oauth.tokens)


async def test_the_api_can_require_its_own_nonces() -> None:
    """After 401 use_dpop_nonce comes a new proof; any answer can have a new nonce."""
    async with app_rig() as rig:
        rig.oauth.wants_api_nonce = "api-1"
        await rig.client.call(LIST)
        rig.oauth.wants_api_nonce = "api-2"
        await EventHooksApi(rig.client).create(BODY)
        assert len(rig.oauth.org.writes) == 1
        sent = [proof.get("nonce") for proof in rig.oauth.proofs if "ath" in proof]
        assert sent == [None, "api-1", "api-1", "api-2"]
        await rig.client.call(LIST)
        assert rig.oauth.proofs[-1]["nonce"] == "api-2"


async def test_nonces_that_keep_changing_end_in_an_error() -> None:
    """At the token endpoint and at the API: a few tries, then exit 4."""
    async with app_rig() as rig:
        renewed = [oauth_error("use_dpop_nonce", nonce=f"n{n}") for n in range(9)]
        rig.oauth.faults += [lambda _, r=answer: r for answer in renewed]  # type: ignore[misc]  # bound now
        found = await outcome(rig)
        assert isinstance(found, CredentialsError)
        assert "another nonce" in found.what
        assert len(rig.oauth.forms) == 4
    async with app_rig() as rig:
        rig.oauth.wants_nonce = "same"
        rig.oauth.faults += [lambda _: oauth_error("use_dpop_nonce", nonce="same")] * 9
        assert "use_dpop_nonce" in str((await outcome(rig)).why)
        assert len(rig.oauth.forms) == 2


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_wrong_local_clock_is_corrected(hours: int) -> None:
    """The second assertion and every proof have the time of the org's Date."""
    async with app_rig() as rig:
        rig.ahead[0] = timedelta(hours=hours)
        await rig.client.call(LIST)
        issued = [claims["iat"] for claims in rig.oauth.assertions]
        now = rig.oauth.now.timestamp()
        assert issued[0] == now + hours * 3600
        assert [abs(second - now) < 2 for second in issued[1:]] == [True, True]


async def test_a_clock_that_changes_later_is_corrected() -> None:
    """An answer of the API corrects the clock too."""
    async with app_rig() as rig:
        await rig.client.call(LIST)
        rig.ahead[0] = timedelta(minutes=-20)
        await EventHooksApi(rig.client).create(BODY)
        assert len(rig.oauth.org.writes) == 1
        asked = len(rig.oauth.proofs)
        await rig.client.call(LIST)
        assert len(rig.oauth.proofs) == asked + 1


async def test_the_error_names_a_wrong_clock() -> None:
    """The request is sent again once; the org refuses the correct time too."""
    async with app_rig() as rig:
        rig.ahead[0] = timedelta(seconds=-90)
        rig.oauth.faults += [lambda _: oauth_error("invalid_client", "no", status=401)] * 9
        found = await outcome(rig)
        assert len(rig.oauth.forms) == 2
    assert "this machine's clock is 90 s behind the org's" in told(found)
    assert "registered with it" in told(found)


@pytest.mark.parametrize(("key_id", "words"), [("k1", "key id k1"), (None, "OKHOOK_KEY_ID")])
async def test_the_error_for_a_refused_app_names_its_key(key_id: str | None, words: str) -> None:
    """Its id, or how to set the id."""
    async with app_rig(credential=app(key_id=key_id)) as rig:
        rig.oauth.faults += [lambda _: oauth_error("invalid_client", "no", status=401)]
        assert words in str((await outcome(rig)).next_step)


async def test_the_manage_scope_is_used_to_read_if_read_is_not_granted() -> None:
    """The read scope is requested first."""
    oauth = FakeOAuth(ec_key().public_key(), granted=(MANAGE,), wants_nonce=None)
    async with app_rig(oauth) as rig:
        await rig.client.call(LIST)
        await rig.client.call(LIST)
        assert rig.scopes_asked == [READ, MANAGE]


async def test_the_error_names_a_missing_scope() -> None:
    """Exit 5, with the scope and where to grant it."""
    oauth = FakeOAuth(ec_key().public_key(), granted=(READ,))
    async with app_rig(oauth) as rig:
        found = await outcome(rig, CREATE)
        assert isinstance(found, ScopeMissing)
        assert MANAGE in found.what
        assert "Okta API Scopes" in str(found.next_step)
        rig.oauth.tokens = dict.fromkeys(rig.oauth.tokens, ("okta.logs.read",))
        await rig.client.call(LIST)


async def test_a_refusal_without_a_body_is_read_from_its_header() -> None:
    """Okta refuses OAuth tokens without a body; the header names the scope or the proof."""
    answers: dict[str, tuple[Callable[[], Response], type[OkhookError], str]] = {
        "scope": (
            lambda: challenged(403, "insufficient_scope", "d", scope=READ),
            OktaRefused,
            READ,
        ),
        "proof": (
            lambda: challenged(400, "invalid_dpop_proof", "'htu' is"),
            CredentialsError,
            "htu",
        ),
    }
    for answer, kind, words in answers.values():
        async with app_rig() as rig:
            rig.oauth.org.fail_next("GET", *[answering(answer)] * 9)
            found = await outcome(rig)
            assert len(rig.oauth.org.seen) == 1, "there is nothing that would do better"
        assert isinstance(found, kind)
        assert words in told(found)


async def test_the_settings_limit_the_requested_scopes() -> None:
    """A call that needs another scope is an error, and is not made."""
    limited = app(limit=Setting((READ,), "OKHOOK_SCOPES"))
    async with app_rig(credential=limited) as rig:
        await rig.client.call(LIST)
        asked = len(rig.oauth.forms)
        found = await outcome(rig, CREATE)
        assert isinstance(found, ConfigurationError)
        assert "OKHOOK_SCOPES does not contain the scope okta.eventHooks.manage" in found.what
        assert len(rig.oauth.forms) == asked
    managing = app(limit=Setting((MANAGE,), "OKHOOK_SCOPES"))
    async with app_rig(credential=managing) as rig:
        await rig.client.call(LIST)
        assert set(rig.scopes_asked) == {MANAGE}


async def test_the_granted_scopes_can_be_read() -> None:
    """One request for all scopes; later calls use its token."""
    async with app_rig() as rig:
        assert await rig.client.granted_scopes() == (READ, MANAGE)
        await rig.client.call(LIST)
        assert len(rig.oauth.forms) == 2
    async with app_rig(FakeOAuth(ec_key().public_key(), granted=())) as rig:
        assert await rig.client.granted_scopes() == ()


async def test_only_scopes_that_commands_need_are_requested() -> None:
    """Because of one unknown scope the org would refuse all of them."""
    limit = Setting(("okta.apps.read", READ, "okta.eventhooks.manage"), "OKTA_CLIENT_SCOPES")
    async with app_rig(credential=app(limit=limit)) as rig:
        assert await rig.client.granted_scopes() == (READ,)
        assert set(rig.scopes_asked) == {READ}
    async with app_rig(credential=app(limit=Setting(("okta.apps.read",), "S"))) as rig:
        assert await rig.client.granted_scopes() == ()
        assert rig.scopes_asked == []


@pytest.mark.parametrize(
    "fault",
    [
        lambda _: oauth_error("temporarily_unavailable", status=503),
        lambda _: error(500, "E0000009", "Internal Server Error"),
    ],
)
async def test_token_requests_are_retried(fault: TokenFault) -> None:
    """Each try after a 5xx has a new assertion and proof; the fake org checks that."""
    async with app_rig() as rig:
        rig.oauth.faults += [fault, fault]
        await rig.client.call(LIST)
        assert len(rig.oauth.forms) == 4
        assert len({claims["jti"] for claims in rig.oauth.assertions}) == 4


async def test_a_429_of_the_token_endpoint_is_waited_out() -> None:
    """429 with a reset, as anywhere else in the org."""
    async with app_rig() as rig:
        reset = str(int(rig.oauth.now.timestamp()) + 3)
        limited = error(429, "E0000047", "too many", headers={"X-Rate-Limit-Reset": reset})
        rig.oauth.faults.append(lambda _: limited)
        await rig.client.call(LIST)
        assert sum(rig.watched.slept_s) == 4


async def test_a_write_without_a_token_was_not_carried_out() -> None:
    """So the error is not OutcomeUnknown."""
    async with app_rig() as rig:
        rig.oauth.faults += [lambda _: error(500, "E0000009", "Internal Server Error")] * 9
        with pytest.raises(Unavailable) as caught:
            await rig.client.call(CREATE)
        assert not isinstance(caught.value, OutcomeUnknown)
        assert rig.oauth.org.writes == []


async def test_a_write_is_never_doubled_by_a_fresh_proof() -> None:
    """If the connection breaks after the write, the outcome is unknown."""
    async with app_rig() as rig:
        rig.oauth.wants_api_nonce = "api-1"
        rig.oauth.org.fail_next("POST", cut_after_carrying_out)
        with pytest.raises(OutcomeUnknown):
            await rig.client.call(CREATE)
        assert len(rig.oauth.org.hooks) == 1


async def test_each_retry_has_a_new_proof() -> None:
    """After a 500 or a 429; the fake org refuses a proof that it has seen."""
    async with app_rig() as rig:
        rig.oauth.org.fail_next("GET", server_error(), too_many(1), server_error())
        await rig.client.call(LIST)
        assert len({proof["jti"] for proof in rig.oauth.proofs}) == len(rig.oauth.proofs)


ODD_ANSWERS: list[Callable[[], Response]] = [
    lambda: HTMLResponse("<title>Sign in</title>", 200),
    lambda: HTMLResponse("<title>Sign in</title>", 403),
    lambda: JSONResponse([]),
    lambda: JSONResponse({"token_type": "DPoP"}),
    lambda: JSONResponse({"access_token": "a b", "token_type": "DPoP"}),
    lambda: JSONResponse({"access_token": "a\r\nX: y", "token_type": "DPoP"}),
    lambda: JSONResponse({"access_token": 7, "token_type": "DPoP"}),
    lambda: JSONResponse({"access_token": "a", "token_type": "mac"}),
    lambda: Response(status_code=302, headers={"Location": "https://evil.example/"}),
    lambda: oauth_error("use_dpop_nonce", nonce=""),
    lambda: oauth_error("use_dpop_nonce", nonce="n" * 3000),
    lambda: JSONResponse({"error": 7}, 400),
    lambda: JSONResponse({"error": "\x1b[2J", "error_description": "\x1b]0;x\x07"}, 400),
]


@pytest.mark.parametrize("answer", ODD_ANSWERS)
async def test_an_odd_token_answer_is_a_clear_error(
    answer: Callable[[], Response],
) -> None:
    """No answer causes a bug or puts control characters on a terminal."""
    async with app_rig() as rig:
        rig.oauth.faults += [lambda _: answer()] * 9
        found = await outcome(rig)
    assert found.exit_code in (4, 6)
    assert "\x1b" not in told(found)


@pytest.mark.parametrize("expires_in", [None, "soon", True, -1, 0, 1e12])
async def test_an_invalid_lifetime_counts_as_five_minutes(expires_in: object) -> None:
    """The token is used, and renewed within five minutes."""
    oauth = FakeOAuth(ec_key().public_key())
    oauth.expires_in = expires_in
    async with app_rig(oauth) as rig:
        await rig.client.call(LIST)
        rig.oauth.org.now += timedelta(seconds=299)
        await rig.client.call(LIST)
        assert len(rig.oauth.tokens) == 2


async def test_no_answer_can_reveal_a_token() -> None:
    """If the org repeats a token or an assertion, it is redacted."""
    async with app_rig() as rig:
        rig.oauth.faults += [
            lambda oauth: oauth_error("invalid_client", oauth.forms[-1]["client_assertion"])
        ] * 9
        found = await outcome(rig)
        assert rig.oauth.forms[-1]["client_assertion"][:40] not in told(found)
        rig.oauth.faults.clear()
        await rig.client.call(LIST)
        [token] = rig.oauth.tokens
        repeated = answering(lambda: error(400, "E0000001", f"you sent {token}"))
        rig.oauth.org.fail_next("GET", repeated)
        assert token not in told(await outcome(rig))
        hook = rig.oauth.org.add(BODY)
        hook["description"] = f"was {token}"
        [read] = await EventHooksApi(rig.client).all()
    assert token not in str(read.raw)
    assert shown(hook)["description"] == f"was {token}"


async def test_concurrent_calls_share_one_token() -> None:
    """Calls wait for a token request that is under way."""
    async with app_rig() as rig, anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(rig.client.call, LIST)
    assert len(rig.oauth.tokens) == 1


async def test_a_refused_nonce_is_not_tried_again() -> None:
    """Once without the nonce and once with it."""
    async with app_rig() as rig:
        refusal = answering(lambda: challenged(401, "use_dpop_nonce", "no", nonce="same"))
        rig.oauth.org.fail_next("GET", *[refusal] * 9)
        assert "use_dpop_nonce" in str((await outcome(rig)).why)
        sent = [proof.get("nonce") for proof in rig.oauth.proofs if "ath" in proof]
        assert sent == [None, "same"]


async def test_a_successful_answer_is_never_a_refusal() -> None:
    """A call that was carried out is not made again, whatever its answer contains."""
    for name in ("errorCode", "error"):
        async with app_rig() as rig:
            hook = {**rig.oauth.org.add(BODY), name: "E0000011"}
            rig.oauth.org.fail_next("POST", answering(partial(JSONResponse, hook)))
            await EventHooksApi(rig.client).create(BODY)
            assert [request.method for request in rig.oauth.org.seen] == ["POST"]


async def refused_together(rig: AppRig, change: Callable[[AppRig], None]) -> None:
    """Have four calls on their way at a time, all with what ``change`` makes wrong meanwhile."""
    await rig.client.call(LIST)
    change(rig)
    rig.oauth.gathering = Gathering(4)
    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(rig.client.call, LIST)


@pytest.mark.parametrize(
    "change",
    [
        lambda rig: setattr(rig.oauth, "wants_api_nonce", "api-1"),
        lambda rig: rig.ahead.__setitem__(0, timedelta(minutes=-20)),
    ],
    ids=["another nonce", "another time"],
)
async def test_calls_that_are_refused_together_are_all_retried(
    change: Callable[[AppRig], None],
) -> None:
    """Every one of them is made again, not only the first."""
    async with app_rig() as rig:
        await refused_together(rig, change)
        assert len([proof for proof in rig.oauth.proofs if "ath" in proof]) == 1 + 4 + 4
        assert len(rig.oauth.tokens) == 1


LIST_URL = f"{ORG.url}/api/v1/eventHooks"


class Flow:
    """One call of an app, by hand: the token requests before it are answered with new tokens."""

    def __init__(self, auth: ServiceAppAuth, numbers: Iterator[int]) -> None:
        self._request = httpx.Request("GET", LIST_URL, headers={"User-Agent": "okhook/tests"})
        self._flow = auth.async_auth_flow(self._request)
        self._numbers = numbers

    async def sent(self) -> tuple[str, str | None]:
        """Return the token that the call is sent with, and the nonce of its proof."""
        return await self._until_the_call(await anext(self._flow))

    async def refused(self, response: httpx.Response) -> tuple[str, str | None]:
        """Have the call refused, and return what it is sent with again."""
        response.request = self._request
        return await self._until_the_call(await self._flow.asend(response))

    async def answered(self, response: httpx.Response) -> None:
        """Have the call answered for good."""
        response.request = self._request
        with pytest.raises(StopAsyncIteration):
            await self._flow.asend(response)

    async def _until_the_call(self, asked: httpx.Request) -> tuple[str, str | None]:
        while asked is not self._request:
            token = {"access_token": f"token-{next(self._numbers)}", "token_type": "DPoP"}
            asked = await self._flow.asend(httpx.Response(200, json=token, request=asked))
        proof = jwt.decode(asked.headers["DPoP"], options={"verify_signature": False})
        return asked.headers["Authorization"], proof.get("nonce")


async def test_a_nonce_is_used_until_the_next_one() -> None:
    """An answer without a nonce changes nothing."""
    auth, numbers = ServiceAppAuth(app(), ORG, lambda: at(0)), itertools.count()
    known = None
    for status, headers, nonce in (
        (200, {"DPoP-Nonce": "n1"}, "n1"),
        (200, {}, "n1"),
        (401, {"DPoP-Nonce": ""}, "n1"),
        (200, {"DPoP-Nonce": "n2"}, "n2"),
    ):
        flow = Flow(auth, numbers)
        assert await flow.sent() == ("DPoP token-0", known)
        await flow.answered(httpx.Response(status, headers=headers))
        known = nonce
    assert await Flow(auth, numbers).sent() == ("DPoP token-0", "n2")


async def test_a_late_refusal_does_not_drop_a_newer_token() -> None:
    """Two calls use one revoked token; the second is refused after the first got a new token."""
    auth, numbers = ServiceAppAuth(app(), ORG, lambda: at(0)), itertools.count()
    one, other = Flow(auth, numbers), Flow(auth, numbers)
    headers = {"WWW-Authenticate": 'DPoP error="invalid_token"'}
    assert (await one.sent())[0] == (await other.sent())[0] == "DPoP token-0"
    assert (await one.refused(httpx.Response(401, headers=headers)))[0] == "DPoP token-1"
    assert (await other.refused(httpx.Response(401, headers=headers)))[0] == "DPoP token-1"


async def test_an_endless_refusal_is_cut_off() -> None:
    """An answer must not fill our memory, whoever sends it."""
    flow = Flow(ServiceAppAuth(app(), ORG, lambda: at(0)), itertools.count())
    await flow.sent()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000

    with pytest.raises(httpx.ReadError):
        await flow.refused(httpx.Response(401, content=endless()))


async def test_an_old_token_is_redacted_too() -> None:
    """An answer may come late, and repeat what it was sent."""
    async with app_rig() as rig:
        await rig.client.call(LIST)
        [ended] = rig.oauth.tokens
        rig.oauth.revoke()
        await rig.client.call(LIST)
        assert ended not in rig.oauth.tokens
        assert rig.client.redact(f"you sent {ended}") == "you sent …"


async def test_a_warning_about_the_key_is_published_once() -> None:
    """When the app is first used, and not with each call."""
    async with app_rig(credential=app(warnings=("chmod 600 it",))) as rig:
        await rig.client.call(LIST)
        await rig.client.call(LIST)
        assert [a.text for a in rig.watched.activities if isinstance(a, Warned)] == ["chmod 600 it"]
