"""Filters of hooks at work: what is delivered, and what is told of a filter that is beyond us."""

from pathlib import Path

import pytest

from okhook.sandbox.activities import HookDelivery, HookFilterNotUnderstood
from tests.sandbox.rig import Json, OrgRig, deliveries_in, echo_then, org_rig
from tests.support.answering import answering_server

pytestmark = pytest.mark.anyio

CREATE, ADD = "user.lifecycle.create", "group.user_membership.add"
IN_SALES = (
    "event.target.?[type eq 'UserGroup'].size()>0"
    " && event.target.?[displayName eq 'Sales'].size()>0"
)


def filtered(**expressions: str) -> Json:
    """Return the ``events`` of a hook: ``create`` and ``add`` with these expressions."""
    types = {"create": CREATE, "add": ADD}
    return {
        "type": "EVENT_TYPE",
        "items": [CREATE, ADD],
        "filter": {
            "type": "EXPRESSION_LANGUAGE",
            "eventFilterMap": [
                {"event": types[name], "condition": {"expression": expression}}
                for name, expression in expressions.items()
            ],
        },
    }


async def verified(org: OrgRig, url: str, events: Json) -> str:
    body = {
        "name": "Filtered",
        "events": events,
        "channel": {"type": "HTTP", "version": "1.0.0", "config": {"uri": url}},
    }
    hook = await org.ok("POST", "/api/v1/eventHooks", body=body)
    await org.lifecycle(hook, "verify")
    return str(hook["id"])


async def test_only_events_that_pass_the_filter_are_delivered(tmp_path: Path) -> None:
    """Okta's own example: who joins Sales is delivered, who joins another group is not."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path) as org:
            hook_id = await verified(org, receiver.url, filtered(add=IN_SALES))
            user = await org.create_user()
            await org.wait_for(HookDelivery, 1)
            for name in ("Engineering", "Sales"):
                group = await org.ok("POST", "/api/v1/groups", body={"profile": {"name": name}})
                await org.ok("PUT", f"/api/v1/groups/{group['id']}/users/{user['id']}")
            await org.wait_for(HookDelivery, 2)
            entries = await org.log(f'?filter=eventType eq "{ADD}"')
            assert org.told.of(HookFilterNotUnderstood) == []
    delivered = [
        event for delivery in deliveries_in(receiver.asked) for event in delivery["data"]["events"]
    ]
    assert [event["eventType"] for event in delivered] == [CREATE, ADD]
    assert [target["displayName"] for target in delivered[1]["target"]] == ["Jane Doe", "Sales"]
    named = [entry["debugContext"]["debugData"].get("targetEventHookIds") for entry in entries]
    assert named == [None, hook_id]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("T(x).y()", "the function T()"),
        ("event.target", "a list where true or false is needed"),
    ],
)
async def test_an_unknown_filter_passes_every_event_and_is_reported_once(
    tmp_path: Path, expression: str, reason: str
) -> None:
    """Whether it cannot be read at all or comes to nothing for an event."""
    with answering_server(echo_then(204)) as receiver:
        async with org_rig(tmp_path) as org:
            hook_id = await verified(org, receiver.url, filtered(create=expression))
            for n in range(3):
                await org.create_user(f"user{n}@example.com")
                await org.wait_for(HookDelivery, n + 1)
            [told] = org.told.of(HookFilterNotUnderstood)
    assert (told.hook_id, told.event_type, told.expression) == (hook_id, CREATE, expression)
    assert told.reason == reason
    assert len(deliveries_in(receiver.asked)) == 3
