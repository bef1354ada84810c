"""What holds for every call of the API, whatever it is about."""

import json
import socket
import time
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.responses import Response

from okhook.http.client import HttpClient
from okhook.runtime.ids import utc_now
from okhook.sandbox.activities import ApiCalled
from okhook.sandbox.api import SandboxApi
from okhook.sandbox.call import MAX_BODY_BYTES, Call
from okhook.sandbox.faults import FaultInjection, RateMeter
from okhook.sandbox.oauth.server import OAuthServer
from okhook.sandbox.org import Org
from okhook.sandbox.org_file import load_org
from okhook.sandbox.refusals import SYNTHETIC_HEADER
from okhook.secret import Secret
from tests.sandbox.rig import TOKEN, OrgRig, Told, org_rig, user_body
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio


CALLS = [
    ("GET", "/api/v1/eventHooks"),
    ("GET", "/api/v1/eventHooks/who1"),
    ("POST", "/api/v1/users"),
    ("GET", "/api/v1/apps"),
    ("GET", "/api/v1/nothing"),
    ("GET", "/"),
    ("PATCH", "/api/v1/logs"),
]

UNKNOWN_PATHS = [
    "/",
    "/api/v1",
    "/api/v1/nothing",
    "/api/v1/groups/00g1/users/00u1/more",
    "/api/v1/users/00u1/lifecycle/GET",
    "/api/v1//eventHooks",
    "/api/v1/eventHooks//",
    "/api/v1/eventHooks/who1/lifecycle/explode",
    "/oauth2/v1/authorize",
]

MALFORMED = {
    "empty": b"",
    "cut": b"{",
    "an array": b"[]",
    "a text": b'"text"',
    "latin-1": b"{\xff}",
    "NaN": b'{"a": NaN}',
    "an endless number": b'{"a": 1e999}',
    "deep": b"[" * 100_000,
    "a huge number": b'{"a": ' + b"1" * 10_000 + b"}",
}


async def test_every_answer_carries_oktas_headers(tmp_path: Path) -> None:
    """A request id, and what is left of the rate limit with the epoch second of its end."""
    async with org_rig(tmp_path, calls_per_minute=50) as org:
        answers = [await org.call(method, path) for method, path in CALLS]
    assert len({response.headers["X-Okta-Request-Id"] for response in answers}) == len(CALLS)
    for response in answers:
        assert len(response.headers["X-Okta-Request-Id"]) == 32
        assert response.headers["X-Rate-Limit-Limit"] == "50"
        assert 0 < int(response.headers["X-Rate-Limit-Remaining"]) < 50
        assert -5 < int(response.headers["X-Rate-Limit-Reset"]) - time.time() <= 60
        assert response.headers["Date"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/logs/?since=2026-11-01T00:00:00Z"),
        ("GET", "/api/v1/users/?limit=1"),
        ("GET", "/api/v1/groups/?q=G"),
        ("GET", "/api/v1/eventHooks/"),
        ("GET", "/api/v1/users/me/"),
        ("DELETE", "/api/v1/users/bob@example.com/?sendEmail=false"),
        ("POST", "/api/v1/users/bob@example.com/lifecycle/deactivate/?sendEmail=false"),
    ],
)
async def test_a_slash_before_the_query_changes_nothing_field_17(
    tmp_path: Path, method: str, path: str
) -> None:
    """Okta's Python SDK 2.x writes it before every query, and Okta answers as without it."""
    async with org_rig(tmp_path) as org:
        await org.create_user("bob@example.com")
        assert (await org.call(method, path)).is_success


async def test_pages_follow_a_slash_before_the_query_field_17(tmp_path: Path) -> None:
    """The next page's link can be called, and a user is created as without the slash."""
    async with org_rig(tmp_path) as org:
        body = user_body("bob@example.com")
        user = await org.ok("POST", "/api/v1/users/?activate=false", body=body)
        page = await org.call("GET", "/api/v1/users/?limit=1")
        second = await org.client.get(page.links["next"]["url"])
    assert user["status"] == "STAGED"
    assert [each["id"] for each in second.json()] == [user["id"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/apps"),
        ("GET", "/api/v1/apps/?limit=1"),
        ("GET", "/api/v1/apps/0oa1/users/00u1"),
        ("POST", "/api/v1/groups/rules"),
        ("GET", "/api/v1/users/me/factors"),
        ("POST", "/api/v1/users/me/lifecycle/delete_sessions"),
        ("GET", "/api/v1/telephony-providers"),
        ("PUT", "/api/v1/org"),
        ("POST", "/api/v1/authn/recovery/password"),
        ("DELETE", "/api/v1/authorizationServers/aus1/policies/p/rules/r"),
    ],
)
async def test_what_only_okta_has_is_a_feature_that_the_org_lacks_field_18(
    tmp_path: Path, method: str, path: str
) -> None:
    """403 E0000015, marked as not Okta's own answer: the path is right, and so is the token."""
    async with org_rig(tmp_path) as org:
        refused = await org.call(method, path, body={})
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000015")
    assert refused.headers[SYNTHETIC_HEADER] == "1"


async def test_a_method_that_okta_has_not_is_405_field_18(tmp_path: Path) -> None:
    """With the methods that Okta has, be they the sandbox's or not."""
    async with org_rig(tmp_path) as org:
        answers = [await org.call("PATCH", path) for path in ("/api/v1/org", "/api/v1/apps/0oa1")]
    assert [answer.status_code for answer in answers] == [405, 405]
    allowed = [answer.headers["Allow"] for answer in answers]
    assert allowed == ["GET, HEAD, POST, PUT", "DELETE, GET, PUT"]


async def test_an_unknown_path_is_not_found(tmp_path: Path) -> None:
    """Never an empty 200: Okta's 404 in its envelope, marked as not in Okta's words."""
    async with org_rig(tmp_path) as org:
        answers = [await org.call("POST", path, body={}) for path in UNKNOWN_PATHS]
    for response in answers:
        assert response.status_code == 404
        assert response.json()["errorCode"] == "E0000007"
        assert response.headers[SYNTHETIC_HEADER] == "1"


async def test_a_method_that_is_not_there_is_405_and_names_those_that_are(tmp_path: Path) -> None:
    """E0000022, with ``Allow`` over all methods of the path."""
    async with org_rig(tmp_path) as org:
        response = await org.call("PATCH", "/api/v1/eventHooks/who1", body={})
    assert response.status_code == 405
    assert response.json()["errorCode"] == "E0000022"
    assert response.headers["Allow"] == "DELETE, GET, HEAD, PUT"


async def test_a_body_that_is_no_json_object_is_malformed(tmp_path: Path) -> None:
    """E0000003, whatever was sent instead."""
    async with org_rig(tmp_path) as org:
        answers = {
            kind: await org.client.post("/api/v1/users", content=body)
            for kind, body in MALFORMED.items()
        }
    found = {kind: (r.status_code, r.json()["errorCode"]) for kind, r in answers.items()}
    assert found == dict.fromkeys(MALFORMED, (400, "E0000003"))


async def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """The sandbox reads a megabyte and no more."""
    async with org_rig(tmp_path) as org:
        response = await org.client.post("/api/v1/users", content=b" " * (MAX_BODY_BYTES + 1))
    assert response.status_code == 413


async def test_a_declared_length_over_the_limit_is_refused_at_once_field_09(tmp_path: Path) -> None:
    """The body need not be sent."""
    async with org_rig(tmp_path) as org:
        length = f"Content-Length: {MAX_BODY_BYTES + 1}"
        answer = await raw_call(org, "POST /api/v1/users HTTP/1.1", length)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"E0000003" in answer


async def test_a_lifecycle_call_needs_its_length(tmp_path: Path) -> None:
    """411 for a POST without ``Content-Length``, as curl sends it without a body."""
    async with org_rig(tmp_path) as org:
        path = "/api/v1/eventHooks/who1/lifecycle/verify"
        without = await raw_call(org, f"POST {path} HTTP/1.1")
        with_length = await raw_call(org, f"POST {path} HTTP/1.1", "Content-Length: 0")
    assert without.startswith(b"HTTP/1.1 411 ")
    assert with_length.startswith(b"HTTP/1.1 404 ")


async def raw_call(org: OrgRig, *lines: str) -> bytes:
    head = [*lines, "Host: x", f"Authorization: SSWS {TOKEN}", "Connection: close", "", ""]

    def exchange() -> bytes:
        with socket.create_connection(
            ("127.0.0.1", org.sandbox.port), timeout=PATIENCE_S
        ) as connection:
            connection.sendall("\r\n".join(head).encode())
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        return received

    return await anyio.to_thread.run_sync(exchange)


async def test_calls_beyond_the_limit_are_refused(tmp_path: Path) -> None:
    """Calls beyond it are 429 and change nothing; another endpoint still answers."""
    now = utc_now()  # it stands still, so that no other minute begins
    async with org_rig(tmp_path, calls_per_minute=2, now=lambda: now) as org:
        statuses = [
            (await org.call("POST", "/api/v1/users", body={})).status_code for _ in range(3)
        ]
        refused = await org.call("GET", "/api/v1/users")
        other = await org.call("GET", "/api/v1/logs")
    assert statuses == [400, 400, 429]
    assert refused.json()["errorCode"] == "E0000047"
    assert refused.headers["X-Rate-Limit-Remaining"] == "0"
    assert other.status_code == 200


async def test_a_call_is_published_after_its_answer_without_its_token(tmp_path: Path) -> None:
    """Method, path, status, Okta's code and the request id that the answer had."""
    async with org_rig(tmp_path) as org:
        response = await org.call("GET", "/api/v1/eventHooks/who1?x=1")
        [told] = await org.wait_for(ApiCalled)
    assert told.to_json() == {
        "type": "api_call",
        "at": told.to_json()["at"],
        "method": "GET",
        "path": "/api/v1/eventHooks/who1?x=1",
        "status": 404,
        "error_code": "E0000007",
        "request_id": response.headers["X-Okta-Request-Id"],
    }
    assert TOKEN not in json.dumps([activity.to_json() for activity in org.told.all])


async def test_a_bug_is_answered_with_oktas_500(tmp_path: Path) -> None:
    """E0000009 in the envelope, with the headers of every answer; the bug itself goes on up."""
    told = Told()

    async def stumble(_: Call) -> Response:
        raise RuntimeError("a bug")

    async with HttpClient(user_agent="test") as client:
        org = Org(
            "http://org",
            *load_org(None, utc_now()),
            client=client,
            answer_within_s=PATIENCE_S,
            publish=told.publish,
            now=utc_now,
            send=lambda _: None,
            changed=lambda: None,
        )
        app = SandboxApi(
            org,
            [("GET", "/api/v1/logs", stumble)],
            token=Secret(TOKEN),
            oauth=OAuthServer([], utc_now),
            meter=RateMeter(600),
            faults=FaultInjection((), told.publish, utc_now),
        )
        headers = {"Authorization": f"SSWS {TOKEN}"}
        quiet = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=quiet, base_url="http://org") as caller:
            response = await caller.get("/api/v1/logs", headers=headers)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as caller:
            with pytest.raises(RuntimeError, match="a bug"):
                await caller.get("http://org/api/v1/logs", headers=headers)
    assert response.status_code == 500
    assert response.json()["errorCode"] == "E0000009"
    assert response.json()["errorCauses"] == [{"errorSummary": "RuntimeError"}]
    assert response.headers["X-Okta-Request-Id"]
    assert [(call.status, call.error_code) for call in told.of(ApiCalled)] == [
        (500, "E0000009")
    ] * 2
