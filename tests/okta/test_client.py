"""The client: patient with the org, and trusting it in nothing."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from okhook.errors import CredentialsError, OkhookError, OktaRefused, Unavailable
from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.client import Call
from okhook.okta.event_hooks import body_of
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.refusals import NotFound, ValidationFailed
from okhook.okta.retry import CallRetried, OutcomeUnknown, RateLimited, RetryPolicy
from okhook.secret import Secret
from tests.okta.fake_org import (
    TOKEN,
    FakeOrg,
    Fault,
    answering,
    cut_after_carrying_out,
    cut_before,
    error,
    never,
    server_error,
    shown,
    too_many,
)
from tests.okta.setup import QUICK, SECRET, WANTED, Watched, client_of, client_to

LIST = Call("GET", "/api/v1/eventHooks")


async def outcome_of(
    org: FakeOrg, call: Call = LIST, watched: Watched | None = None
) -> OkhookError:
    async with client_of(org, watched or Watched(), secrets=(Secret(SECRET),)) as client:
        with pytest.raises(OkhookError) as caught:
            await client.call(call)
    return caught.value


def told(outcome: OkhookError) -> str:
    return "\n".join(filter(None, (outcome.what, outcome.why, outcome.next_step, repr(outcome))))


@pytest.mark.anyio
async def test_the_error_for_a_refused_token_names_its_origin(tmp_path: object) -> None:
    """401 is exit 4; the error names the token's origin and does not quote it."""
    org = FakeOrg()
    async with client_of(org, Watched(), token="00wrong-token-that-nobody-shows") as client:
        with pytest.raises(CredentialsError) as caught:
            await client.call(LIST)
    assert "OKHOOK_TOKEN" in caught.value.what
    assert "E0000011" in str(caught.value.why)
    assert "00wrong" not in told(caught.value)
    assert len(org.seen) == 1


@pytest.mark.anyio
async def test_the_error_names_a_missing_permission() -> None:
    """403 is exit 5 and names the permission that the token's owner needs."""
    org = FakeOrg()
    org.fail_next("GET", answering(lambda: error(403, "E0000006", "no permission")))
    outcome = await outcome_of(org)
    assert isinstance(outcome, OktaRefused)
    assert "okta.eventhooks.manage" in str(outcome.next_step)


@pytest.mark.anyio
async def test_404_and_400() -> None:
    """404 and 400 are exit 5, the 400 with every cause."""
    assert isinstance(await outcome_of(FakeOrg(), Call("GET", "/api/v1/eventHooks/who1")), NotFound)
    org = FakeOrg()
    causes = [f"cause {number}" for number in range(3)]
    org.fail_next(
        "GET", answering(lambda: error(400, "E0000001", "Api validation failed", *causes))
    )
    outcome = await outcome_of(org)
    assert isinstance(outcome, ValidationFailed)
    assert outcome.envelope.causes == tuple(causes)
    assert all(cause in str(outcome.why) for cause in causes)


@pytest.mark.anyio
@pytest.mark.parametrize("fault", [server_error(), cut_before, cut_after_carrying_out])
async def test_temporary_faults_are_retried(fault: Fault) -> None:
    """Two 500s or broken connections, then an answer."""
    org, watched = FakeOrg(), Watched()
    org.fail_next("GET", fault, fault)
    async with client_of(org, watched) as client:
        assert (await client.call(LIST)).status == 200
    assert len(org.seen) == 3
    assert [type(activity) for activity in watched.activities] == [CallRetried, CallRetried]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("asked", "waited_s"), [("1", 1.0), ("0", 1.0), ("3600", None), ("x", None)]
)
async def test_a_wait_that_is_asked_for_is_kept_field_19(
    asked: str, waited_s: float | None
) -> None:
    """``Retry-After`` of a 503, which a proxy sends too; okhook does not wait for an hour."""
    org, watched = FakeOrg(), Watched()
    busy = answering(lambda: Response("busy", 503, {"Retry-After": asked}))
    org.fail_next("GET", busy)
    async with client_of(org, watched) as client:
        assert (await client.call(LIST)).status == 200
    [retried] = watched.activities
    assert isinstance(retried, CallRetried)
    assert (retried.wait_s == waited_s) is (waited_s is not None)


@pytest.mark.anyio
async def test_retries_end() -> None:
    """Four tries, then exit 6 with the org's own words."""
    org = FakeOrg()
    org.fail_next("GET", *[server_error()] * 9)
    outcome = await outcome_of(org)
    assert isinstance(outcome, Unavailable)
    assert "E0000009" in str(outcome.why)
    assert len(org.seen) == QUICK.tries


@pytest.mark.anyio
async def test_an_org_that_does_not_answer_is_unavailable() -> None:
    """A call has its time, and the whole of it is bounded."""
    org = FakeOrg()
    org.fail_next("GET", *[never] * 9)
    outcome = await outcome_of(org, Call("GET", "/api/v1/eventHooks", timeout_s=0.02))
    assert isinstance(outcome, Unavailable)
    assert "no answer within" in str(outcome.why)


@pytest.mark.anyio
@pytest.mark.parametrize("fault", [server_error(), cut_before, cut_after_carrying_out])
async def test_a_once_call_is_made_once(fault: Fault) -> None:
    """The error is OutcomeUnknown."""
    org = FakeOrg()
    org.fail_next("POST", *[fault] * 3)
    body = body_of(WANTED, description=None)
    async with client_of(org, Watched()) as client:
        with pytest.raises(OutcomeUnknown):
            await client.call(Call("POST", "/api/v1/eventHooks", body, once=True))
    assert len(org.seen) == 1


@pytest.mark.anyio
async def test_a_429_is_waited_out_with_a_countdown() -> None:
    """The wait is the answer's reset minus its date, and is published as a countdown."""
    org, watched = FakeOrg(), Watched()
    org.fail_next("GET", too_many(12))
    async with client_of(org, watched) as client:
        assert (await client.call(LIST)).status == 200
    assert sum(watched.slept_s) == 13
    told_s = [a.remaining_s for a in watched.activities if isinstance(a, RateLimited)]
    assert told_s == [13, 8, 3]


@pytest.mark.anyio
async def test_a_create_waits_for_a_429_as_well() -> None:
    """A 429 was surely not carried out, so even a create is made again."""
    org, watched = FakeOrg(), Watched()
    org.fail_next("POST", too_many(1))
    async with client_of(org, watched) as client:
        await EventHooksApi(client).create(body_of(WANTED, description=None))
    assert len(org.hooks) == 1


@pytest.mark.anyio
async def test_the_wait_for_a_429_has_a_limit() -> None:
    """Even if the org asks for a year."""
    org, watched = FakeOrg(), Watched()
    org.fail_next("GET", too_many(365 * 86400), *[too_many(365 * 86400)] * 9)
    outcome = await outcome_of(org, watched=watched)
    assert isinstance(outcome, Unavailable)
    longest_s = QUICK.rate_limit_waits * QUICK.longest_rate_limit_wait_s
    assert sum(watched.slept_s) == longest_s
    assert all(a.asked_s and a.asked_s > 31e6 for a in watched.activities
               if isinstance(a, RateLimited))  # fmt: skip


@pytest.mark.anyio
async def test_the_wait_for_a_429_uses_the_orgs_clock() -> None:
    """Even if the org's clock is years off."""
    org, watched = FakeOrg(), Watched()
    org.now = datetime(2031, 1, 1, tzinfo=UTC)
    org.fail_next("GET", too_many(4))
    async with client_to(org, watched, lambda: datetime(2026, 1, 1, tzinfo=UTC)) as client:
        await client.call(LIST)
    assert sum(watched.slept_s) == 5


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 403, 404, 502])
async def test_a_page_from_a_proxy_is_explained(status: int) -> None:
    """HTML is no answer of Okta's, whatever its status: a proxy's 403 is not the org's."""
    org = FakeOrg()
    page = "<html><head><title>Sign in to\x1b[2J the café</title></head></html>"
    pages = [answering(lambda: HTMLResponse(page, status, {"server": "portal/1"}))] * 9
    org.fail_next("GET", *pages)
    async with client_of(org, Watched()) as client:
        with pytest.raises(UnexpectedAnswer) as caught:
            await EventHooksApi(client).all()
    text = told(caught.value)
    assert "did not come from Okta" in text
    assert "portal/1" in text
    assert "HTTPS_PROXY" in text
    assert "Sign in to\\x1b[2J the café" in text


@pytest.mark.anyio
async def test_a_page_that_answers_a_deletion_deleted_nothing() -> None:
    """A proxy's sign-in page answers 200 to everything; okhook reads no answer of a deletion."""
    org = FakeOrg()
    body = "<title>Sign in</title>"
    org.fail_next("DELETE", answering(lambda: Response(body, media_type="text/html")))
    async with client_of(org, Watched()) as client:
        with pytest.raises(UnexpectedAnswer, match="did not come from Okta's API") as caught:
            await client.carry_out(Call("DELETE", "/api/v1/eventHooks/who1"))
    assert "the page's title is: Sign in" in str(caught.value.why)


@pytest.mark.anyio
async def test_a_redirect_is_not_followed() -> None:
    """The error names its target."""
    org = FakeOrg()
    elsewhere = "https://evil.example.com/api/v1/eventHooks"
    org.fail_next(
        "GET", answering(lambda: Response(status_code=302, headers={"location": elsewhere}))
    )
    outcome = await outcome_of(org)
    assert elsewhere in outcome.what
    assert len(org.seen) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example.com/api/v1/eventHooks?after=1",
        "http://dev-123.okta.com/api/v1/eventHooks?after=1",
        "//evil.example.com/x",
        "https://dev-123.okta.com@evil.example.com/x",
        "https://dev-123.okta.com:8443/x",
    ],
)
async def test_a_next_page_on_another_host_is_refused(following: str) -> None:
    """Pages are followed within the org and never out of it."""
    org = FakeOrg()
    link = {"link": f'<{following}>; rel="next"'}
    org.fail_next("GET", answering(lambda: JSONResponse([], headers=link)))
    async with client_of(org, Watched()) as client:
        with pytest.raises(UnexpectedAnswer):
            await EventHooksApi(client).all()
    assert len(org.seen) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("following", ["/login/x", "/oauth2/v1/token", "/api/v2/x", "?after=1", ""])
async def test_a_next_page_outside_the_api_is_refused(following: str) -> None:
    """The token is for the Management API; what else is on that host, a page of a list is not."""
    org = FakeOrg()
    link = {"link": f'<https://dev-123.okta.com{following}>; rel="next"'}
    org.fail_next("GET", answering(lambda: JSONResponse([], headers=link)))
    async with client_of(org, Watched()) as client:
        with pytest.raises(UnexpectedAnswer, match="outside its API"):
            await EventHooksApi(client).all()
    assert len(org.seen) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("link", "is_followed"),
    [
        ("<{}>; rel=next", True),
        ("<{}>;rel=next", True),
        ('<{}>; Rel = "Next"', True),
        ('<{}>; title="a, <b>; rel=self"; rel="last next"', True),
        ("<https://dev-123.okta.com/api/v1/eventHooks>; rel=self, <{}>; rel=next", True),
        ("<{}>; rel=nextly", False),
        ("<{}>; rel=self; title=next", False),
        ('<{}>; title="x; rel=next"', False),
        ("<{}>; rel=self; rel=next", False),
    ],
)
async def test_links_are_read_with_and_without_quotes_field_19(
    link: str, is_followed: bool
) -> None:
    """As RFC 8288 has it: a name in any case, several relations, and only the first rel counts."""
    org = FakeOrg()
    org.add(body_of(WANTED, description=None))
    url = "https://dev-123.okta.com/api/v1/eventHooks?after=1"
    headers = {"link": link.format(url)}
    org.fail_next("GET", answering(lambda: JSONResponse([], headers=headers)))
    async with client_of(org, Watched()) as client:
        assert len(await EventHooksApi(client).all()) == int(is_followed)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_feature_that_the_org_lacks_is_no_bad_token_field_19(status: int) -> None:
    """E0000015 is about the org: exit 5, and no advice to make another token."""
    org = FakeOrg()
    no_feature = error(status, "E0000015", "You do not have permission to access the feature")
    org.fail_next("GET", answering(lambda: no_feature))
    async with client_of(org, Watched()) as client:
        with pytest.raises(OktaRefused, match="does not have the feature") as caught:
            await EventHooksApi(client).all()
    assert caught.value.exit_code == 5
    assert "is not the cause" in str(caught.value.next_step)


@pytest.mark.anyio
async def test_pages_are_followed_but_not_in_circles() -> None:
    """Entries of all pages come once; a next link that repeats ends in an error."""
    org = FakeOrg()
    hook = org.add(body_of(WANTED, description=None))

    async def page(org: FakeOrg, request: Request) -> Response:
        again = '<https://dev-123.okta.com/api/v1/eventHooks?after=1>; rel="next"'
        return JSONResponse([shown(hook)], headers={"link": again})

    org.fail_next("GET", page)
    async with client_of(org, Watched()) as client:
        assert len(await EventHooksApi(client).all()) == 2
        org.fail_next("GET", *[page] * 9)
        with pytest.raises(UnexpectedAnswer):
            await EventHooksApi(client).all()


@pytest.mark.anyio
async def test_what_goes_onto_the_wire() -> None:
    """The token as SSWS, to the org alone; lifecycle calls with an empty body that says so."""
    org = FakeOrg()
    async with client_of(org, Watched()) as client:
        api = EventHooksApi(client)
        hook = await api.create(body_of(WANTED, description=None))
        await api.set_active(hook.id, False)
    create, deactivate = org.seen
    assert create.header("authorization") == deactivate.header("authorization") == f"SSWS {TOKEN}"
    assert create.header("content-type") == "application/json"
    assert deactivate.header("content-length") == "0"
    assert deactivate.header("transfer-encoding") is None
    assert {create.header("host"), deactivate.header("host")} == {"dev-123.okta.com"}


ODD_ID = (
    b'{"id": "../x", "name": "n", "status": "ACTIVE", "verificationStatus": "VERIFIED",'
    b' "events": {"items": []}, "channel": {"config": {"uri": "u"}}}'
)
NONSENSE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"id": 7}',
    b'{"id": "who1", "name": "n", "events": [], "channel": {}}',
    ODD_ID,
]


@pytest.mark.anyio
@pytest.mark.parametrize("body", NONSENSE)
async def test_an_answer_of_the_wrong_type_is_unexpected(body: bytes) -> None:
    """Whatever comes with a 200, it is either an event hook or a clear error."""
    org = FakeOrg()
    org.fail_next("GET", answering(lambda: Response(body, media_type="application/json")))
    async with client_of(org, Watched()) as client:
        with pytest.raises(UnexpectedAnswer):
            await EventHooksApi(client).get("who1")


def json_values() -> st.SearchStrategy[object]:
    """Return any JSON value, and often one that looks like an event hook."""
    leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    anything = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6,
    )  # fmt: skip
    text = st.text(max_size=5) | anything
    config = st.fixed_dictionaries(
        {"uri": text}, optional={"headers": anything, "authScheme": anything}
    )
    return st.fixed_dictionaries(
        {"id": st.just("who1") | text, "name": text, "status": text, "verificationStatus": text},
        optional={
            "events": anything
            | st.fixed_dictionaries({"items": st.lists(text, max_size=2), "filter": anything}),
            "channel": anything | st.fixed_dictionaries({"config": config | anything}),
            "lastUpdated": anything,
            "description": anything,
        },
    )


@given(value=json_values())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_json_is_a_hook_or_an_error(value: object) -> None:
    """No answer makes the client stumble: it is read, or it is an UnexpectedAnswer."""
    org = FakeOrg()
    org.fail_next("GET", answering(lambda: JSONResponse(value)))

    async def check() -> None:
        async with client_of(org, Watched()) as client:
            try:
                hook = await EventHooksApi(client).get("who1")
            except UnexpectedAnswer:
                return
            assert isinstance(hook.url, str)
            hook.url.encode()

    anyio.run(check)


def echoing(status: int, secret: str) -> Fault:
    """Return the fault of an org that repeats a secret wherever it can."""
    headers = {"location": f"https://x.example.com/{secret}", "server": secret}
    envelope = {
        "errorCode": secret,
        "errorSummary": "x" * 290 + secret,
        "errorId": secret,
        "errorCauses": [{"errorSummary": f"bad value {secret}"}],
    }

    async def fault(org: FakeOrg, request: Request) -> Response:
        if request.method == "PUT":
            return HTMLResponse(f"<title>{'y' * 290}{secret}</title>", status, headers)
        return JSONResponse(envelope, status, headers)

    return fault


@given(
    status=st.sampled_from([200, 302, 400, 401, 403, 404, 409, 429, 500, 503]),
    method=st.sampled_from(["GET", "PUT"]),
    secret=st.text('abcXYZ0123456789+/="\\', min_size=8, max_size=40),
)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_secret_that_an_org_repeats_is_redacted(status: int, method: str, secret: str) -> None:
    """The token and the hook's secret appear in no error and no activity."""

    async def check() -> None:
        watched, org = Watched(), FakeOrg()
        org.fail_next(method, *[echoing(status, secret)] * 9)
        call = Call(method, "/api/v1/eventHooks/who1", {"value": secret})
        texts: list[str] = []
        async with client_of(org, watched, secrets=(Secret(secret),)) as client:
            api = EventHooksApi(client)
            try:
                await (api.get("who1") if method == "GET" else client.call(call))
            except OkhookError as outcome:
                texts.append(told(outcome))
        assert not any(secret in text or TOKEN in text for text in texts)
        assert secret not in repr(call)
        assert secret not in repr(watched.lines())
        assert secret not in repr(watched.activities)

    anyio.run(check)


def test_patience_is_bounded() -> None:
    """The default patience ends: waits of seconds for faults, of minutes for rate limits."""
    patience = RetryPolicy()
    assert patience.tries * (patience.longest_wait_s + patience.jitter_s) < 60
    waits = timedelta(seconds=patience.rate_limit_waits * patience.longest_rate_limit_wait_s)
    assert waits < timedelta(minutes=5)
