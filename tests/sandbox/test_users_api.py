"""The Users API on a socket."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.sandbox.refusals import SYNTHETIC_HEADER
from tests.sandbox.rig import Json, OrgRig, org_rig, user_body
from tests.support.sandbox_org import sandbox_org

pytestmark = pytest.mark.anyio

USERS = "/api/v1/users"


async def logins(org: OrgRig, **params: str) -> list[str]:
    response = await org.client.get(USERS, params=params)
    assert response.status_code == 200, response.text
    return [user["profile"]["login"] for user in response.json()]


async def test_a_new_user_looks_as_okta_shows_one(tmp_path: Path) -> None:
    """Every member of the answer; neither the password nor the answer to the question is in it."""
    credentials = {
        "password": {"value": "tlpWENT2m!"},
        "recovery_question": {"question": "Which horse?", "answer": "Buttermilk"},
    }
    async with org_rig(tmp_path) as org:
        body = {**user_body(mobilePhone=None), "credentials": credentials}
        response = await org.call("POST", USERS, body=body)
        assert response.status_code == 200
        assert "tlpWENT2m!" not in response.text
        assert "Buttermilk" not in response.text
        user = response.json()
        link = f"{org.sandbox.url}{USERS}/{user['id']}"
        assert await org.ok("GET", f"{USERS}/{user['id']}") == user
    created = user.pop("created")
    assert re.fullmatch(r"00u[A-Za-z0-9]{17}", user.pop("id"))
    assert user.pop("type")["id"].startswith("oty")
    assert user == {
        "status": "ACTIVE",
        "activated": created,
        "statusChanged": created,
        "lastLogin": None,
        "lastUpdated": created,
        "passwordChanged": created,
        "profile": {
            "login": "jane.doe@example.com",
            "email": "jane.doe@example.com",
            "firstName": "Jane",
            "lastName": "Doe",
            "mobilePhone": None,
        },
        "credentials": {
            "password": {},
            "recovery_question": {"question": "Which horse?"},
            "provider": {"type": "OKTA", "name": "OKTA"},
        },
        "_links": {
            "self": {"href": link},
            "suspend": {"href": f"{link}/lifecycle/suspend"},
            "deactivate": {"href": f"{link}/lifecycle/deactivate"},
            "expirePassword": {"href": f"{link}/lifecycle/expire_password"},
            "resetPassword": {"href": f"{link}/lifecycle/reset_password"},
            "resetFactors": {"href": f"{link}/lifecycle/reset_factors"},
            "changePassword": {"href": f"{link}/credentials/change_password"},
            "changeRecoveryQuestion": {"href": f"{link}/credentials/change_recovery_question"},
            "forgotPassword": {"href": f"{link}/credentials/forgot_password"},
        },
    }


@pytest.mark.parametrize(
    ("query", "status", "events"),
    [
        ("", "PROVISIONED", ["create", "activate"]),
        ("?activate=true", "PROVISIONED", ["create", "activate"]),
        ("?activate=false", "STAGED", ["create"]),
    ],
)
async def test_creating_a_user_makes_events(
    tmp_path: Path, query: str, status: str, events: list[str]
) -> None:
    """A user without a password is PROVISIONED by its activation."""
    async with org_rig(tmp_path) as org:
        user = await org.create_user(query=query)
        entries = await org.log('?filter=eventType sw "user.lifecycle"')
    assert user["status"] == status
    assert [entry["eventType"].rpartition(".")[2] for entry in entries] == events
    assert entries[0]["displayMessage"] == "Create okta user"
    assert entries[0]["target"] == [
        {
            "id": user["id"],
            "type": "User",
            "alternateId": "jane.doe@example.com",
            "displayName": "Jane Doe",
            "detailEntry": None,
        }
    ]


async def test_the_first_delete_deactivates_and_the_second_deletes(tmp_path: Path) -> None:
    """Two calls, as in Okta; both are 204, and the third finds nobody."""
    async with org_rig(tmp_path) as org:
        user = await org.create_user()
        path = f"{USERS}/{user['id']}"
        assert (await org.call("DELETE", path)).status_code == 204
        assert (await org.ok("GET", path))["status"] == "DEPROVISIONED"
        assert (await org.call("DELETE", path)).status_code == 204
        gone = await org.call("DELETE", path)
        entries = await org.log('?filter=eventType sw "user.lifecycle.de"')
    assert gone.status_code == 404
    assert gone.json()["errorSummary"] == f"Not found: Resource not found: {user['id']} (User)"
    assert [entry["eventType"] for entry in entries] == [
        "user.lifecycle.deactivate",
        "user.lifecycle.delete.initiated",
        "user.lifecycle.delete.completed",
    ]


async def test_activate_and_deactivate(tmp_path: Path) -> None:
    """A link where no mail is sent; an empty object else; E0000016 for who is active."""
    async with org_rig(tmp_path) as org:
        await org.create_user(query="?activate=false")
        path = f"{USERS}/jane.doe@example.com/lifecycle"
        activated = await org.ok("POST", f"{path}/activate?sendEmail=false")
        again = await org.call("POST", f"{path}/activate")
        assert await org.ok("POST", f"{path}/deactivate") == {}
        assert await org.ok("POST", f"{path}/activate") == {}
    assert activated["activationUrl"].endswith(activated["activationToken"])
    assert (again.status_code, again.json()["errorCode"]) == (403, "E0000016")


async def test_suspend_and_unsuspend(tmp_path: Path) -> None:
    """Only who is ACTIVE is suspended and only who is SUSPENDED comes back, each with its event."""
    password = {"credentials": {"password": {"value": "tlpWENT2m!"}}}
    async with org_rig(tmp_path) as org:
        user = await org.ok("POST", USERS, body={**user_body(), **password})
        path = f"{USERS}/{user['id']}"
        early = await org.call("POST", f"{path}/lifecycle/unsuspend")
        assert await org.ok("POST", f"{path}/lifecycle/suspend") == {}
        suspended = await org.ok("GET", path)
        again = await org.call("POST", f"{path}/lifecycle/suspend")
        assert await org.ok("POST", f"{path}/lifecycle/unsuspend") == {}
        assert (await org.ok("GET", path))["status"] == "ACTIVE"
        await org.ok("POST", f"{path}/lifecycle/suspend")
        assert (await org.call("DELETE", path)).status_code == 204
        assert (await org.ok("GET", path))["status"] == "DEPROVISIONED"
        entries = await org.log('?filter=eventType co "suspend"')
    assert suspended["status"] == "SUSPENDED"
    assert set(suspended["_links"]) == {"self", "unsuspend", "deactivate", "resetFactors"}
    for refused in (early, again):
        assert (refused.status_code, refused.json()["errorCode"]) == (400, "E0000001")
        assert refused.headers[SYNTHETIC_HEADER] == "1"
    assert [entry["eventType"] for entry in entries] == [
        "user.lifecycle.suspend",
        "user.lifecycle.unsuspend",
        "user.lifecycle.suspend",
    ]
    assert entries[0]["target"][0]["id"] == user["id"]


@pytest.mark.parametrize("operation", ["suspend", "deactivate"])
async def test_the_owner_of_the_token_cannot_be_deactivated(tmp_path: Path, operation: str) -> None:
    """The org would be without anybody who may call it."""
    async with org_rig(tmp_path) as org:
        refused = await org.call("POST", f"{USERS}/me/lifecycle/{operation}")
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000006")


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"lastName": " "}, "lastName: The field cannot be left blank"),
        ({"email": "nobody"}, "email: must be an email address"),
        ({"firstName": "x" * 51}, "firstName: must not be longer than 50 characters"),
        ({"lastName": "\ud800"}, "lastName: must not contain an unpaired surrogate"),
        (
            {"x": {"y": 1}},
            "x: is not an attribute of the user profile",
        ),
    ],
)
async def test_an_invalid_profile_is_refused(tmp_path: Path, change: Json, cause: str) -> None:
    """E0000001 with a cause, and nothing is created."""
    async with org_rig(tmp_path) as org:
        response = await org.call("POST", USERS, body=user_body(**change))
        assert len(await org.ok("GET", USERS)) == 1
    assert response.status_code == 400
    assert response.headers[SYNTHETIC_HEADER] == "1"
    assert response.json()["errorCauses"] == [{"errorSummary": cause}]


async def test_an_empty_profile_is_refused(tmp_path: Path) -> None:
    """In Okta's words: a cause for each attribute that is required."""
    async with org_rig(tmp_path) as org:
        response = await org.call("POST", USERS, body={"profile": {}})
    assert (response.status_code, response.json()["errorCode"]) == (400, "E0000001")
    assert response.json()["errorSummary"] == "Api validation failed: login"
    assert [cause["errorSummary"] for cause in response.json()["errorCauses"]] == [
        *(
            f"{name}: The field cannot be left blank"
            for name in ("login", "firstName", "lastName", "email")
        ),
        "login: Username must be in the form of an email address",
    ]


async def test_a_login_that_is_taken_is_refused(tmp_path: Path) -> None:
    """400 E0000001 about ``login``."""
    async with org_rig(tmp_path) as org:
        await org.create_user()
        response = await org.call("POST", USERS, body=user_body("JANE.doe@example.com"))
    assert response.status_code == 400
    assert response.json()["errorSummary"] == "Api validation failed: login"


async def test_users_are_found(tmp_path: Path) -> None:
    """By what they are called, by search without case, by filter with it, sorted on wish."""
    async with org_rig(tmp_path) as org:
        for login, first, department in (
            ("ann@example.com", "Ann", "Sales"),
            ("bob@example.com", "Bob", "Engineering"),
            ("cyd@example.com", "Cyd", "Sales"),
        ):
            body = user_body(login, firstName=first, department=department)
            await org.ok("POST", USERS, body=body)
        await org.ok("DELETE", f"{USERS}/cyd@example.com")
        everyone = ["admin@sandbox.example", "ann@example.com", "bob@example.com"]
        assert await logins(org) == everyone
        assert await logins(org, q="aN") == ["ann@example.com"]
        assert await logins(org, q="doe", limit="1") == ["ann@example.com"]
        assert await logins(org, search='profile.department eq "sales"') == [
            "ann@example.com",
            "cyd@example.com",
        ]
        assert await logins(org, filter='profile.login eq "ANN@example.com"') == []
        assert await logins(org, filter='profile.firstName eq "Ann"') == ["ann@example.com"]
        assert await logins(org, filter='status eq "DEPROVISIONED"') == ["cyd@example.com"]
        assert await logins(org, search='status eq "PROVISIONED" and profile.lastName sw "d"') == [
            "ann@example.com",
            "bob@example.com",
        ]
        backwards = await logins(org, search="id pr", sortBy="profile.firstName", sortOrder="desc")
        assert backwards[:2] == ["admin@sandbox.example", "cyd@example.com"]
        for wrong in ({"filter": "x"}, {"search": "("}, {"limit": "201"}, {"after": "nobody"}):
            assert (await org.client.get(USERS, params=wrong)).status_code == 400


async def test_the_list_of_users_has_pages(tmp_path: Path) -> None:
    """``next`` leads through all of them, once each, and is absent on the last page."""
    async with org_rig(tmp_path) as org:
        for n in range(6):
            await org.create_user(f"user{n}@example.com")
        pages = await org.pages(f"{USERS}?limit=3&search=id%20pr")
    assert [len(page) for page in pages] == [3, 3, 1]
    users = [user for page in pages for user in page]
    assert all(list(user["_links"]) == ["self"] for user in users)
    assert [user["profile"]["login"] for user in users] == [
        "admin@sandbox.example",
        *(f"user{n}@example.com" for n in range(6)),
    ]


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["\ud800", "\0", " ", "a\nb", "x" * 300]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)
ATTRIBUTES = ("login", "email", "firstName", "department", "mobilePhone", "own", "\ud800")


def test_me_can_be_sent_anything() -> None:
    """A body that is no user is 400, and whatever is accepted is shown, found and logged."""
    own = {"login": "me@example.com", "email": "me@example.com", "firstName": "M", "lastName": "E"}
    parts = st.dictionaries(st.sampled_from(["profile", "credentials", "id", "status"]), ODD)
    profiles = st.dictionaries(st.sampled_from(ATTRIBUTES), ODD, max_size=2).map(
        lambda odd: {"profile": {**own, **odd}}
    )
    with sandbox_org() as org:

        @settings(deadline=None, max_examples=60)
        @given(body=parts | profiles | ODD, method=st.sampled_from(["PUT", "POST"]))
        def answers(body: object, method: str) -> None:
            answer = org.send(method, "/api/v1/users/me", body)
            assert answer.status_code in (200, 400), (body, answer.text)
            if answer.status_code == 200:
                assert org.call("GET", "/api/v1/users/me") == answer.json()
                assert org.call("GET", "/api/v1/users")
                org.log("?limit=1&sortOrder=DESCENDING")

        answers()


@pytest.mark.parametrize(
    "login",
    ["guest_x.org#EXT#@example.com", "what?@example.com", "jo+hn@example.com", "50%25@example.com"],
)
async def test_a_login_in_the_path_is_decoded_once_field_17(tmp_path: Path, login: str) -> None:
    """Also one with a character that has a meaning in URLs, such as that of a guest in Entra ID."""
    async with org_rig(tmp_path) as org:
        created = await org.create_user(login)
        found = await org.ok("GET", f"{USERS}/{quote(login, safe='')}")
        upper = await org.ok("GET", f"{USERS}/{quote(login.upper(), safe='')}")
    assert created["id"] == found["id"] == upper["id"]


async def test_an_update_can_need_the_version_that_was_read_field_17(tmp_path: Path) -> None:
    """``If-Match`` with the ETag of a user; an update of an older version changes nothing."""
    async with org_rig(tmp_path) as org:
        path = f"{USERS}/{(await org.create_user())['id']}"
        tag = (await org.call("GET", path)).headers["ETag"]

        async def update(title: str, expected: str) -> int:
            body, header = {"profile": {"title": title}}, {"If-Match": expected}
            return (await org.call("POST", path, body=body, **header)).status_code

        answers = [await update("first", tag), await update("second", tag)]
        newer = (await org.call("GET", path)).headers["ETag"]
        answers += [await update("third", f'"0", {newer}'), await update("fourth", "*")]
        assert (await org.ok("GET", path))["profile"]["title"] == "fourth"
    assert answers == [200, 412, 200, 200]
