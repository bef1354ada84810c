"""The Event Hooks API on a socket: shapes, states, limits and refusals."""

import re
import threading
from pathlib import Path

import anyio
import pytest

from okhook.sandbox.refusals import SYNTHETIC_HEADER
from okhook.sandbox.routes_hooks import FILTER_HEADER
from okhook.wire.event_types import eligible
from tests.sandbox.rig import Json, OrgRig, echo_then, hook_body, org_rig
from tests.support.answering import Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

HOOKS = "/api/v1/eventHooks"
URL = "https://hooks.example.com/okta"


async def refused(org: OrgRig, method: str, path: str, body: object = None) -> Json:
    response = await org.call(method, path, body=body)
    assert response.status_code >= 400
    refusal: Json = response.json()
    assert list(refusal) == ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]
    assert refusal["errorLink"] == refusal["errorCode"]
    return {"status": response.status_code, "synthetic": SYNTHETIC_HEADER in response.headers} | {
        "code": refusal["errorCode"],
        "summary": refusal["errorSummary"],
        "causes": [cause["errorSummary"] for cause in refusal["errorCauses"]],
    }


async def test_a_new_hook_looks_as_okta_shows_it(tmp_path: Path) -> None:
    """Every member of the answer to a create, which is a 200: the secret is in none of them."""
    async with org_rig(tmp_path) as org:
        events = ["user.lifecycle.activate", "user.lifecycle.deactivate", "user.lifecycle.activate"]
        response = await org.call(
            "POST", HOOKS, body=hook_body(URL, secret="top-secret", events=events)
        )
        me = await org.ok("GET", "/api/v1/users/me")
    assert response.status_code == 200
    assert "top-secret" not in response.text
    hook = response.json()
    hook_id, created = hook.pop("id"), hook.pop("created")
    assert re.fullmatch(r"who[A-Za-z0-9]{17}", hook_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", created)
    link = f"{org.sandbox.url}{HOOKS}/{hook_id}"
    post = {"hints": {"allow": ["POST"]}}
    assert hook == {
        "status": "ACTIVE",
        "verificationStatus": "UNVERIFIED",
        "name": "Test hook",
        "description": None,
        "createdBy": me["id"],
        "lastUpdated": created,
        "events": {
            "type": "EVENT_TYPE",
            "items": ["user.lifecycle.deactivate", "user.lifecycle.activate"],
            "filter": None,
        },
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": {
                "uri": URL,
                "headers": [],
                "method": "POST",
                "authScheme": {"type": "HEADER", "key": "Authorization"},
            },
        },
        "_links": {
            "self": {"href": link},
            "verify": {"href": f"{link}/lifecycle/verify", **post},
            "deactivate": {"href": f"{link}/lifecycle/deactivate", **post},
        },
    }


@pytest.mark.parametrize("key", ["Authorization", "authorization", "X-Hook-Key"])
async def test_the_name_of_the_secrets_header_comes_back_as_sent_field_17(
    tmp_path: Path, key: str
) -> None:
    """As Okta answers: in a create, a get and a replace that leaves the value out."""
    scheme = {"type": "HEADER", "key": key}
    async with org_rig(tmp_path) as org:
        hook = await org.create_hook(URL, config={"authScheme": {**scheme, "value": "s"}})
        path = f"{HOOKS}/{hook['id']}"
        answers = [hook, await org.ok("GET", path), await org.ok("PUT", path, body=hook)]
    assert [each["channel"]["config"]["authScheme"] for each in answers] == [scheme] * 3


async def test_the_status_of_a_replace_counts_field_17(tmp_path: Path) -> None:
    """INACTIVE and ACTIVE take effect with their event, another word is refused, none keeps it."""
    async with org_rig(tmp_path) as org:
        path = f"{HOOKS}/{(await org.create_hook(URL, status='INACTIVE'))['id']}"
        statuses = [(await org.ok("GET", path))["status"]]
        for status in ("INACTIVE", "INACTIVE", None, "ACTIVE"):
            replaced = await org.ok("PUT", path, body=hook_body(URL, status=status))
            statuses.append(replaced["status"])
        wrong = await refused(org, "PUT", path, hook_body(URL, status="PAUSED"))
        entries = await org.log()
    assert statuses == ["ACTIVE", "INACTIVE", "INACTIVE", "INACTIVE", "ACTIVE"]
    assert wrong["causes"] == ["status: must be ACTIVE or INACTIVE"]
    assert [entry["eventType"] for entry in entries] == [
        "event_hook.created",
        "event_hook.updated",
        "event_hook.deactivated",
        "event_hook.updated",
        "event_hook.updated",
        "event_hook.updated",
        "event_hook.activated",
    ]


async def test_a_replace_activates_no_hook_beyond_the_limit_field_17(tmp_path: Path) -> None:
    """The 26th active hook is refused, however it is asked for, and is not changed."""
    async with org_rig(tmp_path) as org:
        path = f"{HOOKS}/{(await org.create_hook(URL))['id']}"
        await org.ok("PUT", path, body=hook_body(URL, status="INACTIVE"))
        for n in range(25):
            await org.create_hook(f"{URL}/{n}")
        await refused(org, "PUT", path, hook_body(URL, status="ACTIVE", name="Other"))
        assert (await org.ok("GET", path))["name"] == "Test hook"


async def test_an_inactive_hook_links_to_what_can_be_done_with_it(tmp_path: Path) -> None:
    """Activate and delete, and nothing else."""
    async with org_rig(tmp_path) as org:
        hook = await org.lifecycle(await org.create_hook(URL), "deactivate")
        link = f"{org.sandbox.url}{HOOKS}/{hook['id']}"
    assert hook["status"] == "INACTIVE"
    assert hook["_links"] == {
        "activate": {"href": f"{link}/lifecycle/activate", "hints": {"allow": ["POST"]}},
        "self": {"href": link},
        "delete": {"href": link, "hints": {"allow": ["DELETE"]}},
    }


async def test_a_changed_channel_has_to_be_verified_again(tmp_path: Path) -> None:
    """The hook stays ACTIVE and receives nothing; what is not the channel changes nothing of it."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path) as org:
            hook = await org.verified_hook(receiver.url, secret="s")
            path = f"{HOOKS}/{hook['id']}"
            renamed = await org.ok(
                "PUT", path, body=hook_body(receiver.url, secret="s", name="Other")
            )
            assert renamed["verificationStatus"] == "VERIFIED"
            silent = hook_body(receiver.url)
            silent["channel"]["config"]["authScheme"] = {"type": "HEADER", "key": "Authorization"}
            kept = await org.ok("PUT", path, body=silent)
            assert kept["verificationStatus"] == "VERIFIED"
            await org.lifecycle(hook, "verify")
            assert receiver.asked[-1].header("authorization") == "s"
            changes = [
                hook_body(receiver.url, secret="other"),
                hook_body(f"{receiver.url}2", secret="other"),
                hook_body(f"{receiver.url}2"),
                hook_body(f"{receiver.url}2", config={"headers": [{"key": "A", "value": "b"}]}),
            ]
            for body in changes:
                changed = await org.ok("PUT", path, body=body)
                assert (changed["status"], changed["verificationStatus"]) == (
                    "ACTIVE",
                    "UNVERIFIED",
                )
                await org.lifecycle(hook, "verify")


async def test_the_log_tells_what_was_done_with_a_hook(tmp_path: Path) -> None:
    """Each operation has its entry; one that changes nothing has none."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path) as org:
            hook = await org.verified_hook(receiver.url)
            await org.ok("PUT", f"{HOOKS}/{hook['id']}", body=hook_body(receiver.url))
            for operation in ("activate", "deactivate", "deactivate", "activate", "deactivate"):
                await org.lifecycle(hook, operation)
            await org.ok("DELETE", f"{HOOKS}/{hook['id']}")
            entries = await org.log()
    assert [entry["eventType"].removeprefix("event_hook.") for entry in entries] == [
        "created",
        "verified",
        "updated",
        "deactivated",
        "activated",
        "deactivated",
        "deleted",
    ]
    assert {entry["outcome"]["result"] for entry in entries} == {"SUCCESS"}
    assert {entry["target"][0]["id"] for entry in entries} == {hook["id"]}


BAD_ANSWERS = {
    "an error": (lambda _: answer(500), 2, "answered 500"),
    "a refusal": (lambda _: answer(401), 2, "answered 401"),
    "a redirect": (lambda _: answer(302, b"", "Location: /x"), 2, "answered 302"),
    "no body": (lambda _: answer(204), 1, "answered 204 instead of 200"),
    "another echo": (
        lambda _: answer(200, b'{"verification": "x"}'),
        1,
        "the response does not echo the challenge",
    ),
    "not JSON": (lambda _: answer(200, b"<p>"), 1, "the response does not echo the challenge"),
}


@pytest.mark.parametrize("kind", BAD_ANSWERS)
async def test_a_failed_verification_has_oktas_words_and_its_cause_in_the_log(
    tmp_path: Path, kind: str
) -> None:
    """400 with the same words for every cause; an error response is tried once more."""
    answering, attempts, reason = BAD_ANSWERS[kind]
    with answering_server(answering) as receiver:
        async with org_rig(tmp_path) as org:
            hook = await org.create_hook(receiver.url, name="My hook")
            refusal = await refused(org, "POST", f"{HOOKS}/{hook['id']}/lifecycle/verify")
            [logged] = await org.log('?filter=eventType eq "event_hook.verified"')
            assert (await org.ok("GET", f"{HOOKS}/{hook['id']}"))[
                "verificationStatus"
            ] == "UNVERIFIED"
    assert refusal == {
        "status": 400,
        "synthetic": False,
        "code": "E0000001",
        "summary": "Api validation failed: eventHook",
        "causes": ["Unable to verify event hook. Hook My hook execution failed"],
    }
    assert logged["outcome"] == {"result": "FAILURE", "reason": reason}
    assert len(receiver.asked) == attempts
    assert receiver.asked[0].header("user-agent") == "Okta-Integrations"


async def test_a_channel_changed_meanwhile_is_not_verified_by_the_old_ones_answer(
    tmp_path: Path,
) -> None:
    """The answer of the old URL proves nothing about the new one."""
    replaced = threading.Event()

    def patient(asked: Asked) -> bytes:
        replaced.wait(PATIENCE_S)
        return echo_then(204)(asked)

    with answering_server(patient) as receiver:
        async with org_rig(tmp_path) as org:
            hook = await org.create_hook(receiver.url)
            statuses: list[int] = []

            async def verify() -> None:
                path = f"{HOOKS}/{hook['id']}/lifecycle/verify"
                statuses.append((await org.call("POST", path)).status_code)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(verify)
                await until(lambda: receiver.asked)
                await org.ok("PUT", f"{HOOKS}/{hook['id']}", body=hook_body(URL))
                replaced.set()
            now = await org.ok("GET", f"{HOOKS}/{hook['id']}")
    assert statuses == [400]
    assert now["verificationStatus"] == "UNVERIFIED"


async def test_an_active_hook_cannot_be_deleted_nor_an_inactive_one_verified(
    tmp_path: Path,
) -> None:
    """Both are refused in words that are not Okta's, and say so."""
    async with org_rig(tmp_path) as org:
        hook = await org.create_hook(URL)
        path = f"{HOOKS}/{hook['id']}"
        deleting = await refused(org, "DELETE", path)
        await org.lifecycle(hook, "deactivate")
        verifying = await refused(org, "POST", f"{path}/lifecycle/verify")
        await org.ok("DELETE", path)
        gone = await refused(org, "GET", path)
    assert (deleting["status"], deleting["synthetic"]) == (400, True)
    assert (verifying["status"], verifying["synthetic"]) == (400, True)
    assert gone == {
        "status": 404,
        "synthetic": False,
        "code": "E0000007",
        "summary": f"Not found: Resource not found: {hook['id']} (Webhook)",
        "causes": [],
    }


async def test_an_org_has_at_most_25_active_hooks(tmp_path: Path) -> None:
    """The 26th is refused, at its creation and at its activation; INACTIVE ones do not count."""
    async with org_rig(tmp_path) as org:
        hooks = [await org.create_hook(URL, name=f"Hook {n}") for n in range(25)]
        assert "at most 25" in str(await refused(org, "POST", HOOKS, hook_body(URL)))
        await org.lifecycle(hooks[0], "deactivate")
        await org.create_hook(URL)
        path = f"{HOOKS}/{hooks[0]['id']}/lifecycle/activate"
        assert "at most 25" in str(await refused(org, "POST", path))
        assert len(await org.ok("GET", HOOKS)) == 26


async def test_a_hook_has_at_most_300_event_types(tmp_path: Path) -> None:
    """300 are accepted, the 301st is refused, and a repeated one counts once."""
    types = sorted(eligible())
    assert len(types) > 300
    async with org_rig(tmp_path) as org:
        many = [*types[:300], types[0]]
        hook = await org.create_hook(URL, events=many)
        assert len(hook["events"]["items"]) == 300
        refusal = await refused(org, "POST", HOOKS, hook_body(URL, events=types[:301]))
    assert refusal["causes"] == ["events.items: must not have more than 300 event types"]


@pytest.mark.parametrize(("expression", "understood"), [("false", True), ("T(x).y()", False)])
async def test_an_answer_tells_that_a_filter_is_not_understood(
    tmp_path: Path, expression: str, understood: bool
) -> None:
    """Nobody is led to believe that an expression was tried out here which was not."""
    event = "user.lifecycle.create"
    chosen = {"eventFilterMap": [{"event": event, "condition": {"expression": expression}}]}
    async with org_rig(tmp_path) as org:
        body = hook_body(URL)
        body["events"]["filter"] = chosen
        response = await org.call("POST", HOOKS, body=body)
    said = None if understood else "not understood: every event passes"
    assert response.headers.get(FILTER_HEADER) == said
    condition = {"version": None, "expression": expression}
    assert response.json()["events"]["filter"] == {
        "type": "EXPRESSION_LANGUAGE",
        "eventFilterMap": [{"event": event, "condition": condition}],
    }


async def test_a_call_needs_a_valid_token(tmp_path: Path) -> None:
    """A missing or a wrong token is refused; the SDK's spelling without a space is not."""
    async with org_rig(tmp_path) as org:
        token = org.sandbox.token.reveal()
        for spelled in (f"SSWS {token}", f"SSWS{token}", f"ssws  {token}"):
            assert (await org.call("GET", HOOKS, Authorization=spelled)).status_code == 200
        answers = {
            spelled: await org.call("GET", HOOKS, Authorization=spelled)
            for spelled in ("", f"Bearer {token}", "SSWS", "SSWS x")
        }
    found = {s: (r.status_code, r.json()["errorCode"]) for s, r in answers.items()}
    assert found == {
        "": (401, "E0000004"),
        f"Bearer {token}": (401, "E0000011"),
        "SSWS": (401, "E0000011"),
        "SSWS x": (401, "E0000011"),
    }
