"""What a new user can be given, and what is refused."""

from pathlib import Path

import pytest

from tests.sandbox.rig import Json, OrgRig, org_rig, user_body

pytestmark = pytest.mark.anyio

USERS = "/api/v1/users"
GROUPS = "/api/v1/groups"
PASSWORD: Json = {"credentials": {"password": {"value": "tlpWENT2m!"}}}
FEDERATION = {"type": "FEDERATION", "name": "FEDERATION"}
LOGIN = "Username must be in the form of an email address"


async def refusal(org: OrgRig, body: Json, query: str = "") -> tuple[int, str, str]:
    """Return the status, Okta's code and the first cause; nobody may have been created."""
    response = await org.call("POST", f"{USERS}{query}", body=body)
    users = await org.ok("GET", f"{USERS}?search=id+pr")
    assert [user["profile"]["login"] for user in users] == ["admin@sandbox.example"]
    refused = response.json()
    return response.status_code, refused["errorCode"], refused["errorCauses"][0]["errorSummary"]


async def test_group_ids_take_effect_field_17(tmp_path: Path) -> None:
    """The new user is in the groups, each with its event between create and activate."""
    async with org_rig(tmp_path) as org:
        sales, staff = [
            await org.ok("POST", GROUPS, body={"profile": {"name": name}})
            for name in ("Sales", "Staff")
        ]
        body = {**user_body(), "groupIds": [sales["id"], staff["id"], sales["id"]]}
        user = await org.ok("POST", USERS, body=body)
        groups = await org.ok("GET", f"{USERS}/{user['id']}/groups")
        entries = await org.log()
    assert [group["profile"]["name"] for group in groups] == ["Everyone", "Sales", "Staff"]
    assert [entry["eventType"] for entry in entries[2:]] == [
        "user.lifecycle.create",
        "group.user_membership.add",
        "group.user_membership.add",
        "user.lifecycle.activate",
    ]
    assert [target["id"] for target in entries[3]["target"]] == [user["id"], sales["id"]]


async def test_wrong_group_ids_are_refused_field_17(tmp_path: Path) -> None:
    """A group that is not there, the group of all users, more than twenty, and no array."""
    async with org_rig(tmp_path) as org:
        [everyone] = await org.ok("GET", GROUPS)
        for ids, status, code in (
            (["00gnone"], 404, "E0000007"),
            ([everyone["id"]], 501, "E0000060"),
            (["00gnone"] * 21, 400, "E0000093"),
            ("00gnone", 400, "E0000001"),
            ([1], 400, "E0000001"),
        ):
            answer = await org.call("POST", USERS, body={**user_body(), "groupIds": ids})
            assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
        assert len(await org.ok("GET", USERS)) == 1


async def test_the_password_is_to_be_changed_field_17(tmp_path: Path) -> None:
    """``nextLogin=changePassword`` makes PASSWORD_EXPIRED; Okta's codes where it cannot."""
    async with org_rig(tmp_path) as org:
        wrong = [
            await refusal(
                org, {**user_body(), **PASSWORD}, "?activate=false&nextLogin=changePassword"
            ),
            await refusal(org, user_body(), "?nextLogin=changePassword"),
            await refusal(org, {**user_body(), **PASSWORD}, "?nextLogin=now"),
        ]
        body = {**user_body(), **PASSWORD}
        user = await org.ok("POST", f"{USERS}?activate=true&nextLogin=changePassword", body=body)
    assert user["status"] == "PASSWORD_EXPIRED"
    assert [code for _, code, _ in wrong] == ["E0000125", "E0000124", "E0000001"]


@pytest.mark.parametrize("kind", ["FEDERATION", "SOCIAL"])
async def test_a_user_can_have_another_provider_field_17(tmp_path: Path, kind: str) -> None:
    """With ``provider=true`` it is ACTIVE without a password, and the answer shows the provider."""
    provider = {"type": kind, "name": kind}
    async with org_rig(tmp_path) as org:
        body = {**user_body(), "credentials": {"provider": provider}}
        user = await org.ok("POST", f"{USERS}?provider=true", body=body)
    assert (user["status"], user["passwordChanged"]) == ("ACTIVE", None)
    assert user["credentials"] == {"provider": provider}


@pytest.mark.parametrize(
    ("query", "credentials"),
    [
        ("", {"provider": FEDERATION}),
        ("?provider=true", {}),
        ("?provider=true", {"provider": {"type": "LDAP", "name": "ldap.example.com"}}),
        ("?provider=true", {"provider": {"type": "SOCIAL", "name": "Facebook"}}),
        ("?provider=true", {"provider": "FEDERATION"}),
        ("?provider=true", {"provider": FEDERATION, "password": {"value": "tlpWENT2m!"}}),
    ],
)
async def test_a_provider_without_effect_is_refused_field_17(
    tmp_path: Path, query: str, credentials: Json
) -> None:
    """One that is not asked for, none, a directory, another name, and one beside a password."""
    async with org_rig(tmp_path) as org:
        status, code, _ = await refusal(org, {**user_body(), "credentials": credentials}, query)
    assert (status, code) == (400, "E0000001")


@pytest.mark.parametrize(
    ("profile", "cause"),
    [
        ({"shoeSize": "44"}, "shoeSize: is not an attribute of the user profile"),
        ({"department": 7}, "department: must be of the type string"),
        ({"department": ["a"]}, "department: must be of the type string"),
        ({"title": True}, "title: must be of the type string"),
        ({"countryCode": "DEU"}, "countryCode: must not be longer than 2 characters"),
        ({"secondEmail": "jane"}, "secondEmail: must be an email address"),
        *(
            ({"login": login}, f"login: {LOGIN}")
            for login in (
                "jane",
                "jane@",
                "@example.com",
                "jane@host",
                "a b@c.de",
                "a@b@c.de",
                "a@.b",
            )
        ),
    ],
)
async def test_a_profile_that_the_schema_does_not_have_is_refused_field_17(
    tmp_path: Path, profile: Json, cause: str
) -> None:
    """Unknown attributes, wrong types, and a login that is no email address."""
    async with org_rig(tmp_path) as org:
        body = user_body()
        body["profile"] |= profile
        assert await refusal(org, body) == (400, "E0000001", cause)


@pytest.mark.parametrize(
    ("password", "cause"),
    [
        (None, None),
        ("tlpWENT2m!", None),
        ("Short1a", "Password requirements were not met"),
        ("x" * 72 + "A1", "Password requirements were not met"),
        ("lowercase1", "Password requirements were not met"),
        ("UPPERCASE1", "Password requirements were not met"),
        ("NoNumbers!", "Password requirements were not met"),
        ("I-am-JANE-1", "Password requirements were not met"),
        ("12345678", "Password requirements were not met"),
        ("", "Password requirements were not met"),
        (12345678, "must be a text"),
    ],
)
async def test_a_password_is_held_against_the_policy_field_17(
    tmp_path: Path, password: object, cause: str | None
) -> None:
    """Okta's default policy: length, kinds of characters, and no part of the login."""
    async with org_rig(tmp_path) as org:
        body = {**user_body(), "credentials": {"password": {"value": password}}}
        if cause is None:
            assert (await org.ok("POST", USERS, body=body))["status"]
        else:
            status, code, said = await refusal(org, body)
            assert (status, code) == (400, "E0000001")
            assert cause in said


async def test_an_imported_password_is_known_by_its_provider_field_17(tmp_path: Path) -> None:
    """As in Okta's example; an unknown algorithm is refused, and so is a value beside a hash."""
    bcrypt = {"algorithm": "BCRYPT", "workFactor": 10, "salt": "s", "value": "v"}
    async with org_rig(tmp_path) as org:
        for password in ({"hash": {"algorithm": "ROT13"}}, {"hash": bcrypt, "value": "tlpWENT2m!"}):
            body = {**user_body(), "credentials": {"password": password}}
            assert (await refusal(org, body))[0] == 400
        body = {**user_body(), "credentials": {"password": {"hash": bcrypt}}}
        user = await org.ok("POST", USERS, body=body)
    assert user["status"] == "ACTIVE"
    assert user["credentials"] == {
        "password": {},
        "provider": {"type": "IMPORT", "name": "IMPORT"},
    }


@pytest.mark.parametrize(
    "body",
    [
        {"profile": {}},
        {"profile": None},
        {"profile": []},
        {},
        {**user_body(), "credentials": []},
        {**user_body(), "credentials": {"password": "text"}},
        {**user_body(), "credentials": {"recovery_question": {"question": 1}}},
        {**user_body(), "credentials": {"recovery_question": {"question": "Who?", "answer": "me"}}},
        {**user_body(), "type": {"id": "otyother"}},
        {**user_body(), "type": "default"},
        {**user_body(), "realmId": "guo1"},
        {**user_body(), "groupIds": {"a": 1}},
        user_body(login=7),  # type: ignore[arg-type]
        user_body("\ud800@example.com"),
    ],
)
async def test_no_body_is_a_500_field_17(tmp_path: Path, body: Json) -> None:
    """Whatever is wrong is refused with a cause."""
    async with org_rig(tmp_path) as org:
        assert (await refusal(org, body))[:2] == (400, "E0000001")
