"""The query parameters of lists: each has its effect, or is refused."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.sandbox.rig import Json, OrgRig, org_rig, user_body

pytestmark = pytest.mark.anyio

USERS = "/api/v1/users"
GROUPS = "/api/v1/groups"


async def listed(org: OrgRig, path: str, **params: str) -> list[Json]:
    response = await org.client.get(path, params=params)
    assert response.status_code == 200, response.text
    found: list[Json] = response.json()
    return found


async def test_groups_are_counted_on_wish_field_17(tmp_path: Path) -> None:
    """``expand=stats`` embeds how many users a group has; without it nothing is embedded."""
    async with org_rig(tmp_path) as org:
        user = await org.create_user()
        group = await org.ok("POST", GROUPS, body={"profile": {"name": "Sales"}})
        await org.ok("PUT", f"{GROUPS}/{group['id']}/users/{user['id']}")
        counted = await listed(org, GROUPS, expand="stats")
        one = await org.ok("GET", f"{GROUPS}/{group['id']}?expand=stats,app")
        plain = await listed(org, GROUPS)
        refused = await org.call("GET", f"{GROUPS}?expand=users")
    counts = [each["_embedded"]["stats"]["usersCount"] for each in [*counted, one]]
    assert counts == [2, 1, 1]
    assert not any("_embedded" in each for each in plain)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ("status", {"status": "PROVISIONED"}),
        ("id,profile:(firstName, city)", {"profile": {"firstName": "Jane"}}),
        ("status,profile:(login),", {"status": "PROVISIONED", "profile": {"login": "j@x.org"}}),
    ],
)
async def test_fields_leave_out_the_others_field_17(
    tmp_path: Path, fields: str, shown: Json
) -> None:
    """The id is always there."""
    async with org_rig(tmp_path) as org:
        user = await org.create_user("j@x.org")
        [_, found] = await listed(org, USERS, fields=fields)
    assert found == {"id": user["id"], **shown}


@pytest.mark.parametrize("fields", ["profile:(", "profile:firstName)", "a b", "(", "x" * 9 + "!"])
async def test_wrong_fields_are_refused_field_17(tmp_path: Path, fields: str) -> None:
    """They do not fall back to everything."""
    async with org_rig(tmp_path) as org:
        assert (await org.client.get(USERS, params={"fields": fields})).status_code == 400


async def test_the_media_type_omits_parts_field_17(tmp_path: Path) -> None:
    """``okta-response`` leaves out the credentials and the links to what changes them."""
    kind = 'application/json; okta-response="omitCredentials, omitCredentialsLinks"'
    async with org_rig(tmp_path) as org:
        headers = {"Content-Type": kind}
        user = (await org.client.get(f"{USERS}/me", headers=headers)).json()
        [other] = (await org.client.get(USERS, headers=headers)).json()
    assert "credentials" not in user
    assert "credentials" not in other
    assert set(user["_links"]) == {"self", "suspend", "deactivate"}


@pytest.mark.parametrize(
    ("path", "parameter", "expression"),
    [
        (USERS, "filter", 'profile.department eq "Sales"'),
        (USERS, "filter", 'profile.login sw "jane"'),
        (USERS, "filter", 'status ne "ACTIVE"'),
        (USERS, "filter", "id pr"),
        (USERS, "filter", 'not (status eq "ACTIVE")'),
        (USERS, "filter", 'status gt "ACTIVE"'),
        (USERS, "filter", 'created gt "2026-01-01T00:00:00.000Z"'),
        (USERS, "search", 'status ne "ACTIVE"'),
        (USERS, "search", 'profile.department co "Sal"'),
        (USERS, "search", 'profile.login ew "example.com"'),
        (USERS, "search", 'not profile.login eq "x"'),
        (USERS, "search", 'credentials.provider.type eq "OKTA"'),
        (USERS, "search", 'nonsense eq "x"'),
        (USERS, "search", "status eq " + "9" * 5000),
        (GROUPS, "filter", 'profile.name eq "Sales"'),
        (GROUPS, "filter", 'type sw "OKTA"'),
        (GROUPS, "search", 'type co "OKTA"'),
        (GROUPS, "search", 'profile.name ew "s"'),
        (GROUPS, "search", 'objectClass eq "okta:user_group"'),
    ],
)
async def test_operators_that_an_attribute_has_not_are_refused_field_17(
    tmp_path: Path, path: str, parameter: str, expression: str
) -> None:
    """E0000031 where Okta has no such operator, or no such attribute, in a search or a filter."""
    async with org_rig(tmp_path) as org:
        response = await org.client.get(path, params={parameter: expression})
    assert (response.status_code, response.json()["errorCode"]) == (400, "E0000031")


@pytest.mark.parametrize(
    ("path", "parameter", "expression"),
    [
        (USERS, "filter", 'status eq "ACTIVE" or profile.email eq "a@b.c"'),
        (USERS, "filter", 'lastUpdated ge "2026-01-01T00:00:00.000Z" and id eq "00u1"'),
        (USERS, "search", '(status lt "STAGED" or status gt "STAGED") and profile.city pr'),
        (USERS, "search", 'profile.email co "example" and type.id sw "oty"'),
        (
            GROUPS,
            "filter",
            'type eq "OKTA_GROUP" and lastMembershipUpdated gt "2020-01-01T00:00:00Z"',
        ),
        (GROUPS, "search", 'profile.description co "sell" or source.id eq "0oa1"'),
    ],
)
async def test_operators_that_an_attribute_has_are_taken_field_17(
    tmp_path: Path, path: str, parameter: str, expression: str
) -> None:
    """What Okta's reference lists for the attribute."""
    async with org_rig(tmp_path) as org:
        assert (await org.client.get(path, params={parameter: expression})).status_code == 200


async def test_a_user_embeds_its_blocks_field_17(tmp_path: Path) -> None:
    """``expand=blocks`` embeds them; what cannot be embedded is refused."""
    async with org_rig(tmp_path) as org:
        user = await org.ok("GET", f"{USERS}/me?expand=blocks")
        answers = [await org.call("GET", f"{USERS}{at}?expand=x") for at in ("/me", "")]
    assert user["_embedded"] == {"blocks": []}
    assert [answer.status_code for answer in answers] == [400, 400]


async def test_custom_attributes_are_searched_field_17(tmp_path: Path) -> None:
    """An array matches if one element does."""
    async with org_rig(tmp_path) as org:
        added = {"shoes": {"title": "Shoes", "type": "array", "items": {"type": "string"}}}
        schema = {"definitions": {"custom": {"properties": added}}}
        await org.ok("POST", "/api/v1/meta/schemas/user/default", body=schema)
        await org.ok("POST", USERS, body=user_body(shoes=["44", "45"]))
        query = quote('profile.shoes eq "45"')
        [found] = await org.ok("GET", f"{USERS}?search={query}")
    assert found["profile"]["shoes"] == ["44", "45"]


@pytest.mark.parametrize("query", ["", "&search=id%20pr&sortBy=profile.login&sortOrder=desc"])
async def test_pages_go_on_when_what_was_read_is_gone_field_17(tmp_path: Path, query: str) -> None:
    """A client that deactivates and deletes each page's users reads all of them, once each."""
    logins = [f"user{n}@example.com" for n in range(7)]
    async with org_rig(tmp_path) as org:
        for login in logins:
            await org.create_user(login)
        url, found = f"{USERS}?limit=2{query}", []
        while url:
            page = await org.client.get(url)
            for user in page.raise_for_status().json():
                found.append(user["profile"]["login"])
                if found[-1] in logins:
                    await org.ok("DELETE", f"{USERS}/{user['id']}")
                    await org.ok("DELETE", f"{USERS}/{user['id']}")
            url = page.links.get("next", {}).get("url", "")
    assert sorted(found) == ["admin@sandbox.example", *logins]


async def test_members_go_on_when_what_was_read_is_gone_field_17(tmp_path: Path) -> None:
    """As above, for a client that empties a group."""
    async with org_rig(tmp_path) as org:
        group = await org.ok("POST", GROUPS, body={"profile": {"name": "Sales"}})
        members = f"{GROUPS}/{group['id']}/users"
        for n in range(5):
            user = await org.create_user(f"user{n}@example.com")
            await org.ok("PUT", f"{members}/{user['id']}")
        url, found = f"{members}?limit=2", []
        while url:
            page = await org.client.get(url)
            for user in page.raise_for_status().json():
                found.append(user["profile"]["login"])
                await org.ok("DELETE", f"{members}/{user['id']}")
            url = page.links.get("next", {}).get("url", "")
        assert await listed(org, members) == []
    assert found == [f"user{n}@example.com" for n in range(5)]
