"""The org through the eyes of Okta's own client: the ``okta`` SDK, unchanged.

Every answer is read by the SDK's models, and what the models hold is held against the bytes that
came: nothing may be lost on the way.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from okhook.sandbox.activities import ApiCalled
from tests.sandbox.rig import TOKEN, Json, OrgRig, echo_then, hook_body, org_rig, user_body
from tests.support.answering import answering_server

pytestmark = pytest.mark.anyio

NOT_IN_THE_MODEL = {"_links.activate", "_links.delete", "tempPassword"}
"""What Okta sends and the SDK's models do not have: links of an INACTIVE hook, and a password."""


@asynccontextmanager
async def sdk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    **options: Any,  # noqa: ANN401 - passed on
) -> AsyncIterator[tuple[Any, OrgRig]]:
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    from okta.client import Client

    async with org_rig(tmp_path, **options) as org:
        config = {"orgUrl": org.sandbox.url, "token": TOKEN, "rateLimit": {"maxRetries": 0}}
        yield Client(config), org


def read(answer: tuple[Any, Any, Any]) -> Any:  # noqa: ANN401 - the SDK's models
    """Return what the SDK made of an answer, once it is known to hold all of it."""
    data, response, error = answer
    assert error is None, error
    if data is not None:
        raw = json.loads(response.raw_data)
        pairs = zip(data, raw, strict=True) if isinstance(raw, list) else [(data, raw)]
        for model, sent in pairs:
            held = model.model_dump(by_alias=True, mode="json")
            assert set(losses(sent, held)) <= NOT_IN_THE_MODEL
    return data


def losses(sent: object, held: object, where: str = "") -> list[str]:
    """Name what of ``sent`` is not in ``held``, or is there with another value."""
    if isinstance(held, dict) and "actual_instance" in held:
        held = held["actual_instance"]
    if isinstance(sent, dict) and isinstance(held, dict):
        return [
            loss
            for key, value in sent.items()
            for path in [f"{where}.{key}".lstrip(".")]
            for loss in ([path] if key not in held else losses(value, held[key], path))
        ]
    if isinstance(sent, list) and isinstance(held, list) and len(sent) == len(held):
        pairs = enumerate(zip(sent, held, strict=True))
        return [loss for n, (one, other) in pairs for loss in losses(one, other, f"{where}.{n}")]
    return [] if sent == held or same_time(sent, held) else [where]


def same_time(sent: object, held: object) -> bool:
    if not isinstance(sent, str) or not isinstance(held, str):
        return False
    try:
        return datetime.fromisoformat(sent) == datetime.fromisoformat(held)
    except ValueError:
        return False


async def test_losses_are_seen() -> None:
    """The comparison itself finds what is missing and what differs, and forgives spelled times."""
    sent = {"a": [{"b": 1, "c": None}], "t": "2026-01-01T00:00:00.000Z"}
    assert losses(sent, {"a": [{"b": 1, "c": None}], "t": "2026-01-01T00:00:00Z"}) == []
    assert losses(sent, {"a": [{"b": 2}], "t": None}) == ["a.0.b", "a.0.c", "t"]
    assert losses(sent, {"a": []}) == ["a", "t"]


async def test_every_event_hook_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create, list, get, verify, replace, deactivate, activate and delete, read without loss."""
    async with sdk(tmp_path, monkeypatch) as (client, _):
        from okta.models import EventHook

        with answering_server(echo_then(204)) as receiver:
            header = {"headers": [{"key": "X-Mine", "value": "v"}]}
            body = hook_body(receiver.url, secret="s", config=header)
            hook = read(await client.create_event_hook(EventHook.from_dict(body)))
            assert (hook.status, hook.verification_status.value) == ("ACTIVE", "UNVERIFIED")
            assert hook.channel.config.auth_scheme.value is None
            assert [listed.id for listed in read(await client.list_event_hooks())] == [hook.id]
            verified = read(await client.verify_event_hook(hook.id))
            assert verified.verification_status.value == "VERIFIED"
            changed = EventHook.from_dict(
                {**body, "name": "Renamed", "description": "why", "events": filtered_events()}
            )
            replaced = read(await client.replace_event_hook(hook.id, changed))
            assert replaced.name == "Renamed"
            assert replaced.verification_status.value == "VERIFIED"
            assert replaced.events.filter.event_filter_map[0].condition.expression == "true"
            assert read(await client.get_event_hook(hook.id)) == replaced
            assert read(await client.deactivate_event_hook(hook.id)).status == "INACTIVE"
            assert read(await client.activate_event_hook(hook.id)).status == "ACTIVE"
            read(await client.deactivate_event_hook(hook.id))
            read(await client.delete_event_hook(hook.id))
            assert read(await client.list_event_hooks()) == []


def filtered_events() -> Json:
    event = "user.lifecycle.create"
    entry = {"event": event, "condition": {"expression": "true"}}
    chosen = {"type": "EXPRESSION_LANGUAGE", "eventFilterMap": [entry]}
    return {"type": "EVENT_TYPE", "items": [event], "filter": chosen}


async def test_every_user_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create, list, get by id and login, activate, deactivate and delete, read without loss."""
    async with sdk(tmp_path, monkeypatch) as (client, _):
        from okta.models import CreateUserRequest

        credentials = {
            "password": {"value": "tlpWENT2m!"},
            "recovery_question": {"question": "Which horse?", "answer": "Annie"},
        }
        profile = user_body(mobilePhone="555-415-1337")["profile"]
        request = CreateUserRequest.from_dict({"profile": profile, "credentials": credentials})
        user = read(await client.create_user(request))
        assert user.status.value == "ACTIVE"
        staged_request = CreateUserRequest.from_dict(user_body("stay@example.com"))
        staged = read(await client.create_user(staged_request, activate=False))
        assert staged.status.value == "STAGED"
        assert read(await client.get_user(user.id)).profile.login == "jane.doe@example.com"
        assert read(await client.get_user("stay@example.com")).id == staged.id
        listed = read(await client.list_users(search='profile.lastName eq "doe"'))
        assert {one.id for one in listed} == {user.id, staged.id}
        token = read(await client.activate_user(staged.id, send_email=False))
        assert token.activation_url.endswith(token.activation_token)
        read(await client.deactivate_user(staged.id))
        read(await client.delete_user(staged.id))
        read(await client.delete_user(user.id))
        assert read(await client.get_user(user.id)).status.value == "DEPROVISIONED"


async def test_a_user_is_updated_field_18(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In part and as a whole, with what the SDK itself read; groups, app links and sessions."""
    async with sdk(tmp_path, monkeypatch) as (client, org):
        from okta.models import UpdateUserRequest, User

        created = await org.create_user()
        change = UpdateUserRequest.from_dict({"profile": {"nickName": "JD"}})
        user = read(await client.update_user(created["id"], change))
        assert user.profile.nick_name == "JD"
        assert isinstance(user, User)
        whole = {"profile": {**created["profile"], "title": "Boss"}, "type": created["type"]}
        replaced = read(
            await client.replace_user(user.id, UpdateUserRequest.from_dict(whole), strict=True)
        )
        assert (replaced.profile.nick_name, replaced.profile.title) == (None, "Boss")
        [everyone] = read(await client.list_user_groups(user.id))
        assert everyone.type.value == "BUILT_IN"
        assert read(await client.list_app_links(user.id)) == []
        assert read(await client.list_user_blocks(user.id)) == []
        read(await client.revoke_user_sessions(user.id, oauth_tokens=True))
        assert read(await client.list_users(fields="id,profile:(login)"))[1].id == user.id


async def test_every_operation_on_a_password_field_18(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Change, expire, reset and forget it, lock and unlock the account, reset its factors."""
    async with sdk(tmp_path, monkeypatch) as (client, org):
        from okta.models import ChangePasswordRequest, UserCredentials

        question = {"recovery_question": {"question": "Which horse?", "answer": "Annie"}}
        credentials = {"password": {"value": "tlpWENT2m!"}, **question}
        body = {**user_body(), "credentials": credentials}
        user_id = (await org.ok("POST", "/api/v1/users", body=body))["id"]
        change = {"oldPassword": {"value": "tlpWENT2m!"}, "newPassword": {"value": "Abcdefg1"}}
        changed = await client.change_password(user_id, ChangePasswordRequest.from_dict(change))
        assert read(changed).provider.name == "OKTA"
        asked = {**question, "password": {"value": "Abcdefg1"}}
        read(await client.change_recovery_question(user_id, UserCredentials.from_dict(asked)))
        assert (
            "/reset_password/"
            in read(await client.forgot_password(user_id, send_email=False)).reset_password_url
        )
        answered = {"password": {"value": "Abcdefg2"}, "recovery_question": {"answer": "annie"}}
        new = UserCredentials.from_dict(answered)
        read(await client.forgot_password_set_new_password(user_id, new))
        assert read(await client.expire_password(user_id)).status.value == "PASSWORD_EXPIRED"
        read(await client.expire_password_with_temp_password(user_id))
        link = read(await client.reset_password(user_id, send_email=False, revoke_sessions=True))
        assert "/reset_password/" in link.reset_password_url
        assert read(await client.reactivate_user(user_id)).activation_token
        await org.ok("POST", f"/api/v1/users/{user_id}", body={"credentials": credentials})
        for _ in range(10):
            sign_in = {"username": "jane.doe@example.com", "password": "wrong"}
            await org.call("POST", "/api/v1/authn", body=sign_in)
        assert read(await client.get_user(user_id)).status.value == "LOCKED_OUT"
        read(await client.unlock_user(user_id))
        read(await client.reset_factors(user_id))
        assert read(await client.get_user(user_id)).status.value == "ACTIVE"


async def test_what_the_org_tells_of_itself_field_18(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its settings, its user type, the schema of its users, group rules, and apps of a group."""
    async with sdk(tmp_path, monkeypatch) as (client, _):
        assert read(await client.get_org_settings()).status == "ACTIVE"
        [kind] = read(await client.list_user_types())
        assert read(await client.get_user_type(kind.id)) == kind
        schema = read(await client.get_user_schema("default"))
        assert schema.definitions.base.properties.login.title == "Username"
        assert read(await client.list_group_rules()) == []
        [everyone] = read(await client.list_groups(expand="stats"))
        assert everyone.embedded.stats.users_count == 1
        assert read(await client.list_assigned_applications_for_group(everyone.id)) == []


async def test_suspend_and_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Suspend and unsuspend a user; create, list, get, replace and delete a group; its users."""
    async with sdk(tmp_path, monkeypatch) as (client, _):
        from okta.models import AddGroupRequest, CreateUserRequest

        password = {"credentials": {"password": {"value": "tlpWENT2m!"}}}
        request = CreateUserRequest.from_dict({**user_body(), **password})
        user = read(await client.create_user(request))
        read(await client.suspend_user(user.id))
        assert read(await client.get_user(user.id)).status.value == "SUSPENDED"
        read(await client.unsuspend_user(user.id))
        assert read(await client.get_user(user.id)).status.value == "ACTIVE"
        sales = {"profile": {"name": "Sales", "description": "Who sells"}}
        group = read(await client.add_group(AddGroupRequest.from_dict(sales)))
        assert read(await client.get_group(group.id)).id == group.id
        renamed = AddGroupRequest.from_dict({"profile": {"name": "Sales EMEA"}})
        replaced = read(await client.replace_group(group.id, renamed))
        assert replaced.profile.actual_instance.name == "Sales EMEA"
        assert [one.id for one in read(await client.list_groups(q="sales"))] == [group.id]
        read(await client.assign_user_to_group(group.id, user.id))
        assert [one.id for one in read(await client.list_group_users(group.id))] == [user.id]
        read(await client.unassign_user_from_group(group.id, user.id))
        assert read(await client.list_group_users(group.id)) == []
        read(await client.delete_group(group.id))
        [everyone] = read(await client.list_groups())
        assert everyone.type.value == "BUILT_IN"


async def test_the_system_log_with_every_kind_of_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entry that the org ever writes is read without loss; pages follow the Link header."""
    async with sdk(tmp_path, monkeypatch) as (client, org):
        with answering_server(echo_then(500)) as receiver:
            hook = await org.verified_hook(receiver.url)
            user = await org.create_user()
            await org.lifecycle(hook, "deactivate")
            await org.lifecycle(hook, "activate")
            for path in (f"users/{user['id']}", f"users/{user['id']}"):
                await org.ok("DELETE", f"/api/v1/{path}")
            await org.lifecycle(hook, "deactivate")
            await org.ok("DELETE", f"/api/v1/eventHooks/{hook['id']}")
        since = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
        entries = read(await client.list_log_events(since=since, limit=1000))
        assert {entry.event_type for entry in entries} >= {
            "event_hook.created",
            "event_hook.verified",
            "event_hook.deactivated",
            "event_hook.activated",
            "event_hook.deleted",
            "user.lifecycle.create",
            "user.lifecycle.activate",
            "user.lifecycle.deactivate",
            "user.lifecycle.delete.initiated",
            "user.lifecycle.delete.completed",
        }
        found = read(await client.list_log_events(filter='eventType eq "event_hook.created"'))
        assert [entry.target[0].id for entry in found] == [hook["id"]]


async def test_the_sdk_reads_errors_and_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal comes out of the SDK with Okta's code, and a 429 with the header it waits by."""
    async with sdk(tmp_path, monkeypatch, calls_per_minute=1) as (client, org):
        _, _, error = await client.get_event_hook("who00000000000000000")
        assert error.error_code == "E0000007"
        _, _, error = await client.list_event_hooks()
        assert error is not None
        refused = [call for call in org.told.of(ApiCalled) if call.status == 429]
        assert [call.error_code for call in refused] == ["E0000047"]
