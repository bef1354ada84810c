"""The Groups API on a socket."""

import re
from pathlib import Path

import pytest

from okhook.sandbox.refusals import SYNTHETIC_HEADER
from tests.sandbox.rig import Json, OrgRig, org_rig

pytestmark = pytest.mark.anyio

GROUPS = "/api/v1/groups"


def group_body(name: str = "Sales", **profile: object) -> Json:
    return {"profile": {"name": name, **profile}}


async def created(org: OrgRig, name: str = "Sales", **profile: object) -> Json:
    group: Json = await org.ok("POST", GROUPS, body=group_body(name, **profile))
    return group


async def names(org: OrgRig, **params: str) -> list[str]:
    response = await org.client.get(GROUPS, params=params)
    assert response.status_code == 200, response.text
    return [group["profile"]["name"] for group in response.json()]


async def test_a_new_group_looks_as_okta_shows_one(tmp_path: Path) -> None:
    """Every member of the answer; a get brings the same."""
    async with org_rig(tmp_path) as org:
        response = await org.call("POST", GROUPS, body=group_body(description="Who sells"))
        assert response.status_code == 200
        group = response.json()
        link = f"{org.sandbox.url}{GROUPS}/{group['id']}"
        assert await org.ok("GET", f"{GROUPS}/{group['id']}") == group
    made = group.pop("created")
    assert re.fullmatch(r"00g[A-Za-z0-9]{17}", group.pop("id"))
    assert group == {
        "lastUpdated": made,
        "lastMembershipUpdated": made,
        "objectClass": ["okta:user_group"],
        "type": "OKTA_GROUP",
        "profile": {"name": "Sales", "description": "Who sells"},
        "_links": {"users": {"href": f"{link}/users"}, "apps": {"href": f"{link}/apps"}},
    }


async def test_a_group_lives_and_each_step_is_an_event(tmp_path: Path) -> None:
    """Create, replace and delete, with the group as the target."""
    async with org_rig(tmp_path) as org:
        group = await created(org)
        path = f"{GROUPS}/{group['id']}"
        renamed = await org.ok("PUT", path, body=group_body("Sales EMEA"))
        assert (await org.call("DELETE", path)).status_code == 204
        gone = await org.call("GET", path)
        entries = await org.log('?filter=eventType sw "group."')
    assert renamed["profile"] == {"name": "Sales EMEA", "description": None}
    assert gone.status_code == 404
    assert gone.json()["errorSummary"] == (
        f"Not found: Resource not found: {group['id']} (UserGroup)"
    )
    assert [entry["eventType"] for entry in entries] == [
        "group.lifecycle.create",
        "group.profile.update",
        "group.lifecycle.delete",
    ]
    assert [[target["displayName"] for target in entry["target"]] for entry in entries] == [
        ["Sales"],
        ["Sales EMEA"],
        ["Sales EMEA"],
    ]


async def test_a_membership_is_an_event_once(tmp_path: Path) -> None:
    """User and group are the targets, in this order; what changes nothing is not logged."""
    async with org_rig(tmp_path) as org:
        user, group = await org.create_user(), await created(org)
        members = f"{GROUPS}/{group['id']}/users"
        for method in ("PUT", "PUT", "DELETE", "DELETE"):
            answer = await org.call(method, f"{members}/{user['id']}")
            assert (answer.status_code, answer.content) == (204, b"")
            listed = [member["id"] for member in await org.ok("GET", members)]
            assert listed == ([user["id"]] if method == "PUT" else [])
        entries = await org.log('?filter=eventType sw "group.user_membership"')
    assert [entry["eventType"] for entry in entries] == [
        "group.user_membership.add",
        "group.user_membership.remove",
    ]
    for entry in entries:
        assert [(target["type"], target["id"]) for target in entry["target"]] == [
            ("User", user["id"]),
            ("UserGroup", group["id"]),
        ]
        assert entry["target"][1]["alternateId"] == "unknown"


async def test_a_user_that_is_deleted_is_in_no_group(tmp_path: Path) -> None:
    """One that is deactivated stays a member; nobody is left behind once it is deleted."""
    async with org_rig(tmp_path) as org:
        user, group = await org.create_user(), await created(org)
        members = f"{GROUPS}/{group['id']}/users"
        await org.ok("PUT", f"{members}/{user['id']}")
        await org.ok("DELETE", f"/api/v1/users/{user['id']}")
        assert len(await org.ok("GET", members)) == 1
        await org.ok("DELETE", f"/api/v1/users/{user['id']}")
        assert await org.ok("GET", members) == []


async def test_a_missing_user_or_group_is_404(tmp_path: Path) -> None:
    """Group and user are named as Okta names them, and nothing changes."""
    async with org_rig(tmp_path) as org:
        user, group = await org.create_user(), await created(org)
        for path, kind in (
            (f"{GROUPS}/00gnone/users/{user['id']}", "UserGroup"),
            (f"{GROUPS}/{group['id']}/users/00unone", "User"),
        ):
            for method in ("PUT", "DELETE"):
                refused = await org.call(method, path)
                assert refused.status_code == 404
                assert refused.json()["errorSummary"].endswith(f"({kind})")
        assert (await org.call("GET", f"{GROUPS}/00gnone/users")).status_code == 404
        assert await org.log('?filter=eventType sw "group.user_membership"') == []


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({}, "profile: must be an object"),
        ({"profile": {}}, "name: must be a text that is not empty"),
        (group_body("x" * 256), "name: must not be longer than 255 characters"),
        (group_body(description=5), "description: must be a text"),
        (group_body(x="y"), "x: is not an attribute of the group profile"),
        (
            group_body("sales"),
            "name: An object with this field already exists in the current organization",
        ),
    ],
)
async def test_an_invalid_profile_is_refused(tmp_path: Path, body: Json, cause: str) -> None:
    """E0000001 with a cause, for a create and for a replace, and nothing is changed."""
    async with org_rig(tmp_path) as org:
        await created(org)
        other = await created(org, "Engineering")
        for method, path in (("POST", GROUPS), ("PUT", f"{GROUPS}/{other['id']}")):
            refused = await org.call(method, path, body=body)
            assert refused.status_code == 400
            assert refused.headers[SYNTHETIC_HEADER] == "1"
            assert refused.json()["errorCauses"] == [{"errorSummary": cause}]
        assert await names(org) == ["Everyone", "Sales", "Engineering"]


async def test_groups_are_found_by_name(tmp_path: Path) -> None:
    """By how they begin, by a search without case, sorted on wish, and by a filter with case."""
    async with org_rig(tmp_path) as org:
        for name in ("Sales", "Sales EMEA", "Engineering"):
            await created(org, name)
        assert await names(org, q="sAlEs") == ["Sales", "Sales EMEA"]
        assert await names(org, search='profile.name eq "sales"') == ["Sales"]
        assert await names(org, filter='type eq "okta_group"') == []
        assert await names(org, filter='type eq "BUILT_IN"') == ["Everyone"]
        backwards = {"sortBy": "profile.name", "sortOrder": "desc"}
        assert (await names(org, search='type eq "OKTA_GROUP"', **backwards))[0] == "Sales EMEA"
        for wrong in ({"filter": "x"}, {"limit": "10001"}, {"after": "nobody"}):
            assert (await org.client.get(GROUPS, params=wrong)).status_code == 400


@pytest.mark.parametrize("of", ["groups", "members"])
async def test_lists_have_pages(tmp_path: Path, of: str) -> None:
    """``next`` leads through all of them, once each, and is absent on the last page."""
    async with org_rig(tmp_path) as org:
        group = await created(org, "Group 0")
        for n in range(1, 5):
            await created(org, f"Group {n}")
        for n in range(5):
            user = await org.create_user(f"user{n}@example.com")
            await org.ok("PUT", f"{GROUPS}/{group['id']}/users/{user['id']}")
        path = GROUPS if of == "groups" else f"{GROUPS}/{group['id']}/users"
        own = "&filter=type%20eq%20%22OKTA_GROUP%22" if of == "groups" else ""
        pages = await org.pages(f"{path}?limit=2{own}")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({each["id"] for page in pages for each in page}) == 5


async def test_groups_come_back_with_their_users(tmp_path: Path) -> None:
    """The file of an org holds both."""
    data = tmp_path / "org.json"
    async with org_rig(tmp_path, data=data) as org:
        user, group = await org.create_user(), await created(org)
        await org.ok("PUT", f"{GROUPS}/{group['id']}/users/{user['id']}")
        before = await org.ok("GET", f"{GROUPS}/{group['id']}")
    async with org_rig(tmp_path, data=data) as org:
        after = await org.ok("GET", f"{GROUPS}/{group['id']}")
        [member] = await org.ok("GET", f"{GROUPS}/{group['id']}/users")
    assert {**after, "_links": None} == {**before, "_links": None}
    assert member["id"] == user["id"]
