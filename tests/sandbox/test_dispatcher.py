"""What hooks get: from a real org, on real sockets, with receivers that behave and that do not."""

import json
from pathlib import Path

import pytest

from okhook.sandbox.activities import HookDelivery, HookDeliveryDropped
from okhook.sandbox.running import SandboxConfig
from okhook.secret import Secret
from okhook.wire.delivery import parse_delivery
from tests.sandbox.rig import TOKEN, Json, OrgRig, deliveries_in, echo_then, hook_body, org_rig
from tests.support.answering import SILENCE, Asked, answering_server
from tests.support.held_clock import held_clock
from tests.support.ports import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

BOTH = ("user.lifecycle.create", "user.lifecycle.activate")


async def failures(org: OrgRig) -> list[Json]:
    return await org.log('?filter=eventType eq "event_hook.delivery"')


async def test_an_event_is_delivered_as_okta_delivers_it(tmp_path: Path) -> None:
    """Okta's eight members, its headers, the hook's own headers and its secret as registered."""
    headers = {"headers": [{"key": "X-Other", "value": "mine"}]}
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path) as org:
            hook = await org.verified_hook(receiver.url, secret="Basic abc=", config=headers)
            user = await org.create_user()
            [told] = await org.wait_for(HookDelivery)
    [challenge, delivered] = receiver.asked
    body = json.loads(delivered.body)
    assert list(body) == [
        "eventType",
        "eventTypeVersion",
        "cloudEventsVersion",
        "source",
        "eventId",
        "data",
        "eventTime",
        "contentType",
    ]
    assert body["source"] == f"{org.sandbox.url}/api/v1/eventHooks/{hook['id']}"
    assert delivered.header("authorization") == "Basic abc="
    assert challenge.header("authorization") == "Basic abc="
    assert delivered.header("x-other") == "mine"
    assert delivered.header("content-type") == "application/json"
    assert (delivered.header("user-agent") or "").startswith("Okta Hook Service")
    assert delivered.header("x-okta-request-id")
    delivery = parse_delivery(delivered.body)
    [event] = delivery.events
    assert delivery.event_id == told.event_id
    assert delivery.hook_id == hook["id"]
    assert event.event_type == "user.lifecycle.create"
    assert [target.id for target in event.targets] == [user["id"]]
    assert (told.status, told.attempts, told.reason) == (204, 1, None)


async def test_a_delivered_event_has_the_shape_of_a_hook(tmp_path: Path) -> None:
    """Where hook and System Log differ, each has its own, and they agree on all the rest."""
    with answering_server(echo_then(200)) as receiver:
        async with org_rig(tmp_path) as org:
            hook = await org.verified_hook(receiver.url)
            await org.create_user()
            await org.wait_for(HookDelivery)
            [logged] = await org.log('?filter=eventType eq "user.lifecycle.create"')
    [delivered] = deliveries_in(receiver.asked)
    [event] = delivered["data"]["events"]
    assert event["client"]["zone"] == "null"
    assert event["client"]["ipChain"] == logged["request"]["ipChain"]
    assert event["client"]["ipChain"][0]["ip"] == "127.0.0.1"
    assert event["device"] is None
    assert event["insertionTimestamp"] is None
    assert "request" not in event
    assert "ipChain" not in logged["client"]
    assert logged["client"]["zone"] is None
    assert logged.keys() - event.keys() == {"request"}
    assert event.keys() - logged.keys() == {"device", "insertionTimestamp"}
    assert all(event[name] == logged[name] for name in event.keys() & logged.keys() - {"client"})
    assert event["debugContext"]["debugData"]["targetEventHookIds"] == hook["id"]


async def test_events_within_the_batch_window_share_a_delivery(tmp_path: Path) -> None:
    """Events of one batch window make one delivery for each hook, in their order."""
    with answering_server(echo_then(204)) as one, answering_server(echo_then(204)) as other:
        async with org_rig(tmp_path, batch_window_s=0.3) as org:
            first = await org.verified_hook(one.url, events=BOTH)
            second = await org.verified_hook(other.url, events=BOTH[1:], name="Other")
            with held_clock() as clock:
                await org.create_user("a@example.com")
                await org.create_user("b@example.com")
                clock.advance(0.3)
                await org.wait_for(HookDelivery, 2)
            [logged, _] = await org.log('?filter=eventType eq "user.lifecycle.activate"')
    [delivered] = deliveries_in(one.asked)
    assert [event["eventType"] for event in delivered["data"]["events"]] == [*BOTH, *BOTH]
    [delivered] = deliveries_in(other.asked)
    assert [event["eventType"] for event in delivered["data"]["events"]] == [BOTH[1]] * 2
    named = logged["debugContext"]["debugData"]["targetEventHookIds"]
    assert named == f"{first['id']},{second['id']}"


async def test_later_events_get_a_delivery_of_their_own(tmp_path: Path) -> None:
    """A batch closes with its window, also while an earlier one still waits out the delay."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path, batch_window_s=0, delay_s=0.5) as org:
            await org.verified_hook(receiver.url)
            with held_clock() as clock:
                await org.create_user("a@example.com")
                await org.create_user("b@example.com")
                clock.advance(0.49)
                await org.log()
                assert not deliveries_in(receiver.asked)
                clock.advance(0.01)
                await org.wait_for(HookDelivery, 2)
    assert [len(body["data"]["events"]) for body in deliveries_in(receiver.asked)] == [1, 1]


@pytest.mark.parametrize(
    ("statuses", "attempts", "last", "failed"),
    [
        ((400,), 1, 400, True),
        ((401,), 1, 401, True),
        ((302,), 1, 302, True),
        ((500,), 2, 500, True),
        ((503, 204), 2, 204, False),
        ((500, 400), 2, 400, True),
    ],
)
async def test_a_5xx_is_retried_once_and_a_4xx_never(
    tmp_path: Path, statuses: tuple[int, ...], attempts: int, last: int, failed: bool
) -> None:
    """The log tells of a delivery only when it failed, and both attempts carry the same event."""
    with answering_server(echo_then(*statuses)) as receiver:
        async with org_rig(tmp_path) as org:
            hook = await org.verified_hook(receiver.url)
            await org.create_user()
            [told] = await org.wait_for(HookDelivery)
            logged = await failures(org)
    assert (told.attempts, told.status) == (attempts, last)
    assert told.reason == (f"answered {last}" if failed else None)
    bodies = [request.body for request in receiver.asked if request.method == "POST"]
    assert len(bodies) == attempts
    assert len(set(bodies)) == 1
    assert len(logged) == failed
    if failed:
        assert logged[0]["outcome"] == {"result": "FAILURE", "reason": f"answered {last}"}
        assert [target["id"] for target in logged[0]["target"]] == [hook["id"]]
        assert logged[0]["debugContext"]["debugData"]["eventId"] == told.event_id


async def test_a_timeout_is_retried_once(tmp_path: Path) -> None:
    """A receiver that does not answer costs two attempts of Okta's 3 s, and holds up nobody."""
    assert SandboxConfig(Secret(TOKEN)).answer_within_s == 3.0

    def silent(asked: Asked) -> bytes:
        return echo_then(204)(asked) if asked.method == "GET" else SILENCE

    with answering_server(silent) as slow, answering_server(echo_then(204)) as quick:
        async with org_rig(tmp_path, batch_window_s=0, answer_within_s=3.0) as org:
            with held_clock() as clock:
                await org.verified_hook(slow.url)
                await org.verified_hook(quick.url, name="Quick")
                await org.create_user()
                [first] = await org.wait_for(HookDelivery)
                assert first.url == quick.url
                for attempts in (1, 2):
                    await until(lambda: len(deliveries_in(slow.asked)) == attempts)  # noqa: B023
                    assert len(org.told.of(HookDelivery)) == 1
                    clock.advance(3.0)
                [_, told] = await org.wait_for(HookDelivery, 2)
                assert len(await failures(org)) == 1
    assert (told.attempts, told.status) == (2, None)
    assert told.reason == "no answer within 3 s"


async def test_a_refused_connection_is_a_failure_without_a_retry(tmp_path: Path) -> None:
    """Only timeouts and 5xx are tried again."""
    async with org_rig(tmp_path) as org:
        with answering_server(echo_then(204), port=free_port()) as receiver:
            await org.verified_hook(receiver.url)
        await org.create_user()
        [told] = await org.wait_for(HookDelivery)
        assert len(await failures(org)) == 1
    assert (told.attempts, told.status) == (1, None)


async def test_inactive_or_unverified_hooks_receive_nothing(tmp_path: Path) -> None:
    """UNVERIFIED, INACTIVE and not subscribed: each gets nothing, and is not named in the log."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path) as org:
            await org.create_hook(receiver.url, name="unverified")
            await org.lifecycle(await org.verified_hook(receiver.url), "deactivate")
            await org.verified_hook(receiver.url, events=["group.user_membership.add"])
            wanted = await org.verified_hook(f"{receiver.url}/wanted")
            await org.create_user()
            [told] = await org.wait_for(HookDelivery)
            [logged] = await org.log('?filter=eventType eq "user.lifecycle.create"')
    assert told.hook_id == wanted["id"]
    assert [r.target for r in receiver.asked if r.method == "POST"] == ["/hook/wanted"]
    assert logged["debugContext"]["debugData"]["targetEventHookIds"] == wanted["id"]


@pytest.mark.parametrize("change", ["deactivate", "replace the channel", "delete"])
async def test_waiting_events_are_dropped_when_the_hook_stops_receiving(
    tmp_path: Path, change: str
) -> None:
    """The hook's state counts when a delivery is due, not when the event happened."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path, batch_window_s=0.3) as org:
            hook = await org.verified_hook(receiver.url)
            path = f"/api/v1/eventHooks/{hook['id']}"
            with held_clock() as clock:
                await org.create_user()
                if change == "replace the channel":
                    await org.ok("PUT", path, body=hook_body(f"{receiver.url}/new"))
                else:
                    await org.lifecycle(hook, "deactivate")
                if change == "delete":
                    await org.ok("DELETE", path)
                clock.advance(0.3)
                [dropped] = await org.wait_for(HookDeliveryDropped)
    assert dropped.hook_id == hook["id"]
    assert dropped.event_types == ("user.lifecycle.create",)
    assert not deliveries_in(receiver.asked)


async def test_hook_events_are_not_delivered(tmp_path: Path) -> None:
    """A failed delivery is logged, but no hook can subscribe to that: there is no endless loop."""
    with answering_server(echo_then(500)) as receiver:
        async with org_rig(tmp_path) as org:
            await org.verified_hook(receiver.url)
            response = await org.call(
                "POST",
                "/api/v1/eventHooks",
                body=hook_body(receiver.url, events=["event_hook.delivery"]),
            )
    assert response.status_code == 400
    assert "event_hook.delivery is not eligible" in response.text


async def test_a_hook_on_a_port_where_nobody_listens_cannot_be_verified(tmp_path: Path) -> None:
    """The verification is tried twice, and Okta's words for it are the same whatever went wrong."""
    async with org_rig(tmp_path) as org:
        hook = await org.create_hook(f"http://127.0.0.1:{free_port()}/")
        response = await org.call("POST", f"/api/v1/eventHooks/{hook['id']}/lifecycle/verify")
    assert response.status_code == 400
    assert response.json()["errorCauses"] == [
        {"errorSummary": "Unable to verify event hook. Hook Test hook execution failed"}
    ]


async def test_many_hooks_get_their_deliveries_at_once(tmp_path: Path) -> None:
    """All 25 active hooks of an org receive the same event."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path) as org:
            hooks = [
                await org.verified_hook(f"{receiver.url}/{n}", name=f"Hook {n}") for n in range(25)
            ]
            await org.create_user()
            told = await org.wait_for(HookDelivery, 25)
    assert {delivery.hook_id for delivery in told} == {hook["id"] for hook in hooks}
    assert all(delivery.reason is None for delivery in told)
