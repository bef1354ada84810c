"""What happens to a user after it is created: updates, passwords, locks and sign-in.

Paths and queries are as okta-sdk-python 2.9 writes them, with a slash before the query.
"""

from pathlib import Path

import pytest

from tests.sandbox.rig import Json, OrgRig, org_rig, user_body

pytestmark = pytest.mark.anyio

USERS = "/api/v1/users"
FIRST = "tlpWENT2m!"
SECOND = "Abcdefg1"
QUESTION = {"question": "Which horse?", "answer": "Annie"}


async def jane(org: OrgRig, query: str = "") -> str:
    """Create a user with a password and a question, and return its path."""
    credentials = {"password": {"value": FIRST}, "recovery_question": QUESTION}
    body = {**user_body(), "credentials": credentials}
    user = await org.ok("POST", f"{USERS}{query}", body=body)
    return f"{USERS}/{user['id']}"


async def code_of(org: OrgRig, method: str, path: str, body: object = None) -> tuple[int, str]:
    response = await org.call(method, path, body=body)
    return response.status_code, response.json()["errorCode"]


async def sign_in(org: OrgRig, password: str, login: str = "jane.doe@example.com") -> Json:
    """Sign in without an API token, and return the answer."""
    body = {"username": login, "password": password}
    answer: Json = (await org.client.post("/api/v1/authn", json=body, headers=NO_TOKEN)).json()
    return answer


NO_TOKEN = {"Authorization": ""}


async def events(org: OrgRig) -> list[str]:
    """Return the types of all events but those of the creation."""
    return [entry["eventType"] for entry in (await org.log())[2:]]


async def test_a_partial_update_keeps_the_rest_field_18(tmp_path: Path) -> None:
    """POST changes what it names; the event lists the attributes that changed, null included."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        change = {"nickName": "JD", "firstName": "Jane", "title": None}
        user = await org.ok("POST", f"{path}/?strict=true", body={"profile": change})
        again = await org.ok("POST", path, body={"profile": change})
        [entry] = await org.log('?filter=eventType eq "user.account.update_profile"')
    assert user["profile"] == {**user_body()["profile"], "nickName": "JD", "title": None}
    assert again["profile"] == user["profile"]
    assert entry["debugContext"]["debugData"]["changedAttributes"] == "nickName"
    assert [target["alternateId"] for target in entry["target"]] == ["jane.doe@example.com"]


async def test_a_full_update_removes_the_rest_field_18(tmp_path: Path) -> None:
    """PUT removes what the body leaves out; without a profile it removes nothing."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        await org.ok("POST", path, body={"profile": {"nickName": "JD", "city": "Bonn"}})
        body = user_body("j.doe@example.com", city="Köln")
        user = await org.ok("PUT", path, body=body)
        kept = await org.ok("PUT", path, body={"credentials": {"recovery_question": QUESTION}})
        entries = await org.log('?filter=eventType eq "user.account.update_profile"')
        assert await code_of(org, "PUT", path, {"profile": {"city": "Bonn"}}) == (400, "E0000001")
        assert (await org.ok("GET", f"{USERS}/j.doe"))["id"] == user["id"]
    assert user["profile"] == kept["profile"] == body["profile"]
    changed = [each["debugContext"]["debugData"]["changedAttributes"] for each in entries]
    assert changed == ["nickName,city", "login,email,nickName,city"]


async def test_an_answer_can_be_sent_back_field_18(tmp_path: Path) -> None:
    """With PUT and POST, it changes nothing and causes no event."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        user = await org.ok("GET", path)
        for method in ("PUT", "POST"):
            assert await org.ok(method, path, body=user) == user
        assert await events(org) == []


@pytest.mark.parametrize(
    "body",
    [
        {"profile": {"login": "admin@sandbox.example"}},
        {"profile": {"login": "nobody"}},
        {"profile": {"shoeSize": "44"}},
        {"profile": {"firstName": None}},
        {"profile": []},
        {"credentials": {"password": {"value": "short"}}},
        {"credentials": {"provider": {"type": "FEDERATION", "name": "FEDERATION"}}},
        {"type": {"id": "otyother"}},
    ],
)
async def test_a_wrong_update_is_refused_and_changes_nothing_field_18(
    tmp_path: Path, body: Json
) -> None:
    """E0000001, for both kinds of an update."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        before = await org.ok("GET", path)
        for method in ("POST", "PUT"):
            assert await code_of(org, method, path, body) == (400, "E0000001")
        assert await org.ok("GET", path) == before
        assert await events(org) == []
        assert await code_of(org, "POST", f"{USERS}/00unone", body) == (404, "E0000007")


async def test_a_password_is_changed_by_who_knows_it_field_18(tmp_path: Path) -> None:
    """The old one is checked, the new one is held against the policy, and then signs in."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        change = f"{path}/credentials/change_password/?strict=true"
        wrong = {"oldPassword": {"value": "no"}, "newPassword": {"value": SECOND}}
        weak = {"oldPassword": {"value": FIRST}, "newPassword": {"value": "weak"}}
        right = {"oldPassword": {"value": FIRST}, "newPassword": {"value": SECOND}}
        refused = [await code_of(org, "POST", change, body) for body in (wrong, weak, {})]
        shown = await org.ok("POST", change, body={**right, "revokeSessions": True})
        assert await events(org) == ["user.account.update_password", "user.session.clear"]
        assert (await sign_in(org, FIRST))["errorCode"] == "E0000004"
        assert (await sign_in(org, SECOND))["status"] == "SUCCESS"
        assert (await org.ok("GET", path))["lastLogin"] is not None
    assert refused == [(403, "E0000014"), (403, "E0000014"), (400, "E0000001")]
    assert shown == {
        "password": {},
        "recovery_question": {"question": "Which horse?"},
        "provider": {"type": "OKTA", "name": "OKTA"},
    }


async def test_a_password_is_set_by_an_admin_field_18(tmp_path: Path) -> None:
    """An update with one activates a PROVISIONED user, and is an event of its own."""
    async with org_rig(tmp_path) as org:
        user = await org.create_user()
        path, body = f"{USERS}/{user['id']}", {"credentials": {"password": {"value": FIRST}}}
        changed = await org.ok("POST", path, body=body)
        assert await events(org) == ["user.account.update_password"]
        await org.ok("POST", f"{path}/lifecycle/suspend")
        assert await code_of(org, "POST", path, body) == (403, "E0000038")
        await org.ok("POST", f"{path}/lifecycle/unsuspend")
        assert (await sign_in(org, FIRST))["status"] == "SUCCESS"
    assert (user["status"], changed["status"]) == ("PROVISIONED", "ACTIVE")
    assert changed["passwordChanged"] is not None


@pytest.mark.parametrize(
    ("operation", "status", "answer", "event"),
    [
        ("reset_password/?sendEmail=true", "RECOVERY", set(), "user.account.reset_password"),
        (
            "reset_password/?sendEmail=false",
            *("RECOVERY", {"resetPasswordUrl"}, "user.account.reset_password"),
        ),
        (
            "expire_password/?tempPassword=true",
            *("PASSWORD_EXPIRED", {"tempPassword"}, "user.account.expire_password"),
        ),
        (
            "expire_password_with_temp_password",
            *("PASSWORD_EXPIRED", {"tempPassword"}, "user.account.expire_password"),
        ),
        ("reset_factors", "ACTIVE", set(), "user.mfa.factor.reset_all"),
        ("suspend", "SUSPENDED", set(), "user.lifecycle.suspend"),
        ("deactivate/?sendEmail=true", "DEPROVISIONED", set(), "user.lifecycle.deactivate"),
    ],
)
async def test_an_operation_has_its_status_answer_and_event_field_18(
    tmp_path: Path, operation: str, status: str, answer: set[str], event: str
) -> None:
    """Those on a user that is ACTIVE."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        shown = await org.ok("POST", f"{path}/lifecycle/{operation}")
        assert (await org.ok("GET", path))["status"] == status
        assert await events(org) == [event]
    assert set(shown) == answer


async def test_an_expired_password_is_changed_field_18(tmp_path: Path) -> None:
    """The answer is the user; it signs in to change its password, and then is ACTIVE again."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        expired = await org.ok("POST", f"{path}/lifecycle/expire_password/?tempPassword=false")
        assert expired["status"] == "PASSWORD_EXPIRED"
        assert (await sign_in(org, FIRST))["status"] == "PASSWORD_EXPIRED"
        temporary = await org.ok("POST", f"{path}/lifecycle/expire_password_with_temp_password")
        assert (await sign_in(org, FIRST))["errorCode"] == "E0000004"
        old = {"value": temporary["tempPassword"]}
        body = {"oldPassword": old, "newPassword": {"value": SECOND}}
        await org.ok("POST", f"{path}/credentials/change_password", body=body)
        assert (await org.ok("GET", path))["status"] == "ACTIVE"
        assert (await sign_in(org, SECOND))["status"] == "SUCCESS"


async def test_a_forgotten_password_is_set_with_the_answer_field_18(tmp_path: Path) -> None:
    """Without a body there is a link; a wrong answer and a user without a question are refused."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        forgot = f"{path}/credentials/forgot_password"
        assert set(await org.ok("POST", f"{forgot}/?sendEmail=false")) == {"resetPasswordUrl"}
        assert await org.ok("POST", forgot) == {}
        body = {"password": {"value": SECOND}, "recovery_question": {"answer": "ANNIE "}}
        wrong = {**body, "recovery_question": {"answer": "Gustav"}}
        assert await code_of(org, "POST", forgot, wrong) == (403, "E0000014")
        await org.ok("POST", forgot, body=body)
        assert (await sign_in(org, SECOND))["status"] == "SUCCESS"
        question = {"question": "Who?", "answer": "Nobody"}
        body = {"password": {"value": SECOND}, "recovery_question": question}
        changed = await org.ok("POST", f"{path}/credentials/change_recovery_question", body=body)
        assert changed["recovery_question"] == {"question": "Who?"}
        refused = await code_of(org, "POST", f"{USERS}/me/credentials/forgot_password")
    assert refused == (403, "E0000034")


async def test_ten_wrong_passwords_lock_an_account_field_18(tmp_path: Path) -> None:
    """The right one does not help then; an unlock does. The user is the actor of what it did."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        assert await code_of(org, "POST", f"{path}/lifecycle/unlock") == (403, "E0000032")
        for _ in range(9):
            await sign_in(org, "wrong")
        assert (await sign_in(org, FIRST))["status"] == "SUCCESS"
        for _ in range(10):
            await sign_in(org, "wrong")
        assert (await org.ok("GET", path))["status"] == "LOCKED_OUT"
        assert (await sign_in(org, FIRST))["errorCode"] == "E0000004"
        [found] = await org.ok("GET", f'{USERS}?filter=status eq "LOCKED_OUT"')
        assert await org.ok("POST", f"{path}/lifecycle/unlock") == {}
        assert (await sign_in(org, FIRST))["status"] == "SUCCESS"
        [lock] = await org.log('?filter=eventType eq "user.account.lock"')
        unlock, by_admin = await org.log('?filter=eventType sw "user.account.unlock"')
    assert (lock["actor"]["id"], lock["target"][0]["id"]) == (found["id"], found["id"])
    assert lock["outcome"] == {"result": "FAILURE", "reason": "LOCKED_OUT"}
    assert unlock["actor"]["alternateId"] == "admin@sandbox.example"
    assert by_admin["eventType"] == "user.account.unlock_by_admin"


async def test_the_owner_of_the_token_is_never_locked_out_field_18(tmp_path: Path) -> None:
    """Nobody could call the API any more. Who is not there cannot sign in."""
    async with org_rig(tmp_path) as org:
        for login in ("admin@sandbox.example", "nobody@example.com", "me"):
            for _ in range(11):
                assert (await sign_in(org, "wrong", login))["errorCode"] == "E0000004"
        assert (await org.ok("GET", f"{USERS}/me"))["status"] == "ACTIVE"
        assert (await sign_in(org, ""))["errorCode"] == "E0000001"


async def test_a_reactivation_repeats_the_link_field_18(tmp_path: Path) -> None:
    """For who is PROVISIONED: a link unless a mail is sent, which is the default's opposite."""
    async with org_rig(tmp_path) as org:
        await org.create_user()
        path = f"{USERS}/jane.doe@example.com/lifecycle/reactivate"
        shown = await org.ok("POST", f"{path}/?sendEmail=false")
        assert await org.ok("POST", f"{path}/?sendEmail=true") == {}
        assert await events(org) == ["user.lifecycle.reactivate"] * 2
        refused = await code_of(org, "POST", f"{USERS}/me/lifecycle/reactivate")
    assert shown["activationUrl"].endswith(shown["activationToken"])
    assert refused == (403, "E0000038")


async def test_sessions_and_app_links_field_18(tmp_path: Path) -> None:
    """Sessions are cleared, with an event; nobody has apps; a user that is not there is a 404."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        cleared = await org.call("DELETE", f"{path}/sessions/?oauthTokens=true")
        assert (cleared.status_code, cleared.content) == (204, b"")
        assert await events(org) == ["user.session.clear"]
        assert await org.ok("GET", f"{path}/appLinks") == []
        for call in (("GET", "appLinks"), ("GET", "groups"), ("DELETE", "sessions")):
            assert await code_of(org, call[0], f"{USERS}/00unone/{call[1]}") == (404, "E0000007")


async def test_passwords_come_back_with_the_org_field_18(tmp_path: Path) -> None:
    """The file of an org has their hashes, the schema's attributes, and no password."""
    data = tmp_path / "org.json"
    async with org_rig(tmp_path, data=data) as org:
        added = {"shoe": {"title": "Shoe", "type": "integer"}}
        schema = {"definitions": {"custom": {"properties": added}}}
        await org.ok("POST", "/api/v1/meta/schemas/user/default", body=schema)
        path = await jane(org)
        await org.ok("POST", path, body={"profile": {"shoe": 44}})
        question = {"recovery_question": {"question": "Who?", "answer": "Nobody"}}
        await org.ok("POST", f"{path}?expand=x", body={"credentials": question})
    assert FIRST not in data.read_text()
    assert "Annie" not in data.read_text()
    async with org_rig(tmp_path, data=data) as org:
        assert (await sign_in(org, FIRST))["status"] == "SUCCESS"
        user = await org.ok("POST", path, body={"profile": {"shoe": 45}})
    assert user["profile"]["shoe"] == 45
    assert user["credentials"]["recovery_question"] == {"question": "Who?"}


async def test_everyone_has_everyone_field_18(tmp_path: Path) -> None:
    """New users join it without an event; it cannot be changed, left or deleted."""
    async with org_rig(tmp_path) as org:
        user = await org.create_user()
        [everyone] = await org.ok("GET", "/api/v1/groups/?q=every")
        path = f"/api/v1/groups/{everyone['id']}"
        members = [member["id"] for member in await org.ok("GET", f"{path}/users")]
        assert members[-1] == user["id"]
        for method, at, body in (
            ("DELETE", path, None),
            ("PUT", path, {"profile": {"name": "All"}}),
            ("DELETE", f"{path}/users/{user['id']}", None),
            ("PUT", f"{path}/users/{user['id']}", None),
        ):
            assert await code_of(org, method, at, body) == (501, "E0000060")
        for _ in range(2):
            await org.ok("DELETE", f"{USERS}/{user['id']}")
        assert len(await org.ok("GET", f"{path}/users")) == 1
        assert await org.log('?filter=eventType sw "group."') == []
        assert await org.ok("GET", "/api/v1/groups/rules/?limit=5") == []


@pytest.mark.parametrize(
    "properties",
    [
        {"login": {"title": "Login", "type": "string"}},
        {"bad name": {"title": "Bad", "type": "string"}},
        {"shoe": {"title": "Shoe", "type": "shoe"}},
        {"shoe": {"type": "string"}},
        {"shoe": "string"},
        [],
    ],
)
async def test_a_wrong_schema_is_refused_field_18(tmp_path: Path, properties: object) -> None:
    """Okta's own attributes stay, and a type is one that Okta has."""
    async with org_rig(tmp_path) as org:
        path = "/api/v1/meta/schemas/user/default"
        before = await org.ok("GET", path)
        body = {"definitions": {"custom": {"properties": properties}}}
        assert await code_of(org, "POST", path, body) == (400, "E0000001")
        assert await org.ok("GET", path) == before
        assert await code_of(org, "GET", "/api/v1/meta/types/user/x") == (404, "E0000007")


async def test_an_attribute_of_the_org_is_removed_with_null_field_18(tmp_path: Path) -> None:
    """It has a type while it is there, and is unknown before and after."""
    async with org_rig(tmp_path) as org:
        path = await jane(org)
        schema = "/api/v1/meta/schemas/user/default"
        answers = []
        for shoe in ({"title": "Shoe", "type": "integer"}, None):
            body = {"definitions": {"custom": {"properties": {"shoe": shoe}}}}
            await org.ok("POST", schema, body=body)
            for value in (44, "44", True):
                change = {"profile": {"shoe": value}}
                answers.append((await org.call("POST", path, body=change)).status_code)
        assert "shoe" not in (await org.ok("GET", path))["profile"]
    assert answers == [200, 400, 400, 400, 400, 400]
