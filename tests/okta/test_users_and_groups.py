"""The Users and Groups APIs: typed, checked, and nothing done twice."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.responses import JSONResponse

from okhook.errors import InvalidInput, OktaRefused, Unavailable
from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.refusals import ValidationFailed
from okhook.okta.retry import OutcomeUnknown
from okhook.okta.users_and_groups import GroupsApi, UsersApi
from okhook.secret import Secret
from tests.okta.fake_org import (
    Fault,
    answering,
    cut_after_carrying_out,
    cut_before,
    error,
    failing_after_carrying_out,
    server_error,
)
from tests.okta.fake_people import FakePeople
from tests.okta.setup import Watched, client_of

LOGIN = "okhook-jane-1@example.com"
PROFILE = {"firstName": "Jane", "lastName": "Doe", "login": LOGIN, "email": LOGIN}
PASSWORD = Secret("a-password-that-nobody-types")


@asynccontextmanager
async def users_of(org: FakePeople) -> AsyncIterator[UsersApi]:
    watched = Watched()
    async with client_of(org, watched) as client:
        yield UsersApi(client)


@pytest.mark.anyio
async def test_a_user_lives_through_its_states() -> None:
    """Each change reaches the org in Okta's form."""
    org = FakePeople()
    async with users_of(org) as users:
        user = await users.create(PROFILE, PASSWORD)
        assert (user.login, user.status) == (LOGIN, "STAGED")
        await users.change(user.id, "activate")
        await users.settled(user.id, "ACTIVE")
        await users.change(user.id, "suspend")
        await users.change(user.id, "unsuspend")
        await users.change(user.id, "deactivate")
        assert org.only_user()["status"] == "DEPROVISIONED"
        await users.delete(user.id)
        assert await users.find(user.id) is None
    lifecycle = [seen for seen in org.writes if "/lifecycle/" in seen.path]
    assert all(seen.header("content-length") == "0" for seen in lifecycle)


@pytest.mark.anyio
async def test_a_user_is_updated_locked_and_unlocked_field_18() -> None:
    """Wrong passwords, without the token, lock a user as soon as the org's policy does."""
    org = FakePeople()
    async with users_of(org) as users:
        user = await users.create(PROFILE, PASSWORD)
        await users.update(user.id, {"nickName": "JD"})
        assert org.only_user()["profile"] == {**PROFILE, "nickName": "JD"}
        await users.change(user.id, "activate")
        await users.lock(user.id, user.login)
        assert (org.only_user()["status"], org.wrong_passwords) == ("LOCKED_OUT", 10)
        await users.change(user.id, "unlock")
        assert org.only_user()["status"] == "ACTIVE"
        await users.change_password(user.id, PASSWORD, Secret("new"))
    assert org.writes[-1].path == f"/api/v1/users/{user.id}/credentials/change_password"
    assert json.loads(org.writes[-1].body) == {
        "oldPassword": {"value": PASSWORD.reveal()},
        "newPassword": {"value": "new"},
    }


@pytest.mark.anyio
async def test_an_org_that_locks_nobody_is_named_field_18() -> None:
    """The wrong passwords end, and the error names the policy."""
    org = FakePeople(locks_after=0)
    async with users_of(org) as users:
        user = await users.create(PROFILE, PASSWORD)
        with pytest.raises(OktaRefused, match="20 wrong passwords") as caught:
            await users.lock(user.id, user.login)
    assert "password policy" in str(caught.value.next_step)


@pytest.mark.anyio
@pytest.mark.parametrize("fault", [cut_after_carrying_out, failing_after_carrying_out])
async def test_a_create_whose_answer_is_lost_makes_one_user(fault: Fault) -> None:
    """The user is looked for by its login before it is created again."""
    org = FakePeople()
    org.fail_next("POST /api/v1/users", fault)
    async with users_of(org) as users:
        user = await users.create(PROFILE, PASSWORD)
    assert list(org.users) == [user.id]
    assert len(org.writes) == 1


@pytest.mark.anyio
async def test_a_create_that_did_not_reach_the_org_is_made_again() -> None:
    """If no user has the login, the create is repeated."""
    org = FakePeople()
    org.fail_next("POST /api/v1/users", cut_before, server_error())
    async with users_of(org) as users:
        await users.create(PROFILE, PASSWORD)
    assert org.only_user()["profile"] == PROFILE


@pytest.mark.anyio
async def test_a_create_that_is_lost_each_time_has_an_unknown_outcome() -> None:
    """The user may exist."""
    org = FakePeople()
    org.fail_next("POST /api/v1/users", cut_before, cut_before, cut_after_carrying_out)
    async with users_of(org) as users:
        with pytest.raises(OutcomeUnknown):
            await users.create(PROFILE, PASSWORD)


@pytest.mark.anyio
async def test_a_create_that_cannot_be_checked_has_an_unknown_outcome() -> None:
    """A refusal of the look says nothing about the create."""
    org = FakePeople()
    org.fail_next("POST /api/v1/users", cut_after_carrying_out)
    org.fail_next("GET", answering(lambda: error(403, "E0000006", "no permission")))
    async with users_of(org) as users:
        with pytest.raises(OutcomeUnknown):
            await users.create(PROFILE, PASSWORD)
    assert len(org.writes) == 1


@pytest.mark.anyio
async def test_a_change_whose_answer_is_lost_is_made_once() -> None:
    """A second activation, which Okta refuses, is not made where the first one was carried out."""
    org = FakePeople()
    async with users_of(org) as users:
        user = await users.create(PROFILE, PASSWORD)
        org.fail_next("POST", cut_after_carrying_out)
        await users.change(user.id, "activate")
    assert len([seen for seen in org.writes if "activate" in seen.path]) == 1
    assert org.only_user()["status"] == "ACTIVE"


@pytest.mark.anyio
async def test_a_deletion_whose_answer_is_lost_is_made_once() -> None:
    """A user that does not exist was deleted."""
    org = FakePeople()
    async with users_of(org) as users:
        user = await users.create(PROFILE, PASSWORD)
        await users.change(user.id, "deactivate")
        org.fail_next("DELETE", cut_after_carrying_out)
        await users.delete(user.id)
    assert not org.users
    assert [seen.method for seen in org.writes].count("DELETE") == 1


@pytest.mark.anyio
@pytest.mark.parametrize("steps", [(), ("activate",), ("deactivate",)])
async def test_a_user_is_removed_from_whatever_state(steps: tuple[str, ...]) -> None:
    """Deactivated first where that is still to be done; one that is gone is no error."""
    org = FakePeople()
    async with users_of(org) as users:
        user = await users.create(PROFILE, PASSWORD)
        for step in steps:
            await users.change(user.id, step)
        await users.remove(user.id)
        await users.remove(user.id)
    assert not org.users


@pytest.mark.anyio
async def test_waiting_for_a_status_ends() -> None:
    """The error names the status that did not come."""
    async with users_of(FakePeople()) as users:
        user = await users.create(PROFILE, PASSWORD)
        with pytest.raises(Unavailable, match="did not become ACTIVE"):
            await users.settled(user.id, "ACTIVE")


@pytest.mark.anyio
async def test_the_error_has_the_orgs_causes_and_no_password() -> None:
    """A profile that the org does not take is exit 5."""
    org = FakePeople()
    cause = "login: An object with this field already exists"
    org.fail_next("POST", answering(lambda: error(400, "E0000001", "failed: login", cause)))
    async with users_of(org) as users:
        with pytest.raises(ValidationFailed) as caught:
            await users.create(PROFILE, PASSWORD)
    assert cause in str(caught.value.why)
    assert PASSWORD.reveal() not in f"{caught.value.what}{caught.value.why}"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "user",
    [
        [],
        {"id": 7, "status": "STAGED", "profile": PROFILE},
        {"id": "00u1", "status": None, "profile": PROFILE},
        {"id": "00u1", "status": "STAGED", "profile": {}},
        {"id": "../eventHooks/who1", "status": "STAGED", "profile": PROFILE},
    ],
)
async def test_an_invalid_user_is_refused(user: object) -> None:
    """An answer of another shape, or an id that would lead elsewhere, is refused."""
    org = FakePeople()
    org.fail_next("GET", answering(lambda: JSONResponse(user)))
    async with users_of(org) as users:
        with pytest.raises(UnexpectedAnswer):
            await users.find(LOGIN)


@pytest.mark.anyio
async def test_a_user_id_cannot_change_the_path() -> None:
    """What is no id is never put into a path."""
    async with users_of(FakePeople()) as users:
        with pytest.raises(InvalidInput):
            await users.change("../eventHooks/who1", "activate")


@asynccontextmanager
async def groups_of(org: FakePeople) -> AsyncIterator[GroupsApi]:
    watched = Watched()
    async with client_of(org, watched) as client:
        yield GroupsApi(client)


@pytest.mark.anyio
async def test_a_group_has_members_and_ends() -> None:
    """Joining and leaving reach the org; what is gone already is no error."""
    org = FakePeople()
    async with groups_of(org) as groups:
        group = await groups.create("okhook Sales 1", "for a test")
        assert await groups.get(group.id) == group
        await groups.add(group.id, "00u1")
        assert org.members == [(group.id, "00u1")]
        await groups.remove(group.id, "00u1")
        assert org.members == []
        await groups.delete(group.id)
        await groups.delete(group.id)
        assert await groups.get(group.id) is None


@pytest.mark.anyio
async def test_a_create_whose_answer_is_lost_makes_one_group() -> None:
    """It is looked for by its exact name before it is created again."""
    org = FakePeople()
    org.groups["00gOther"] = {"id": "00gOther", "profile": {"name": "okhook Sales 12"}}
    org.fail_next("POST", cut_after_carrying_out)
    async with groups_of(org) as groups:
        group = await groups.create("okhook Sales 1", "for a test")
    assert group.name == "okhook Sales 1"
    assert len(org.groups) == 2
    assert len(org.writes) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("group", [{}, {"id": "00g1", "profile": {}}, {"id": "/", "profile": {}}])
async def test_an_invalid_group_is_refused(group: object) -> None:
    """An answer of another shape is refused."""
    org = FakePeople()
    org.fail_next("GET", answering(lambda: JSONResponse(group)))
    async with groups_of(org) as groups:
        with pytest.raises(UnexpectedAnswer):
            await groups.get("00g1")


@pytest.mark.anyio
async def test_a_member_id_cannot_change_the_path() -> None:
    """What is no id is never put into a path."""
    async with groups_of(FakePeople()) as groups:
        with pytest.raises(InvalidInput):
            await groups.add("00g1", "../../eventHooks")
