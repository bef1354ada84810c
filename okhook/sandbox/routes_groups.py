"""The part of the Groups API that causes events: ``/api/v1/groups``."""

from starlette.responses import Response

from okhook.runtime.ids import new_okta_id
from okhook.sandbox.call import Call, Endpoint, json_answer
from okhook.sandbox.lists import begins_with, check_unused, first, page_answer, search_and_filter
from okhook.sandbox.log_entries import group_party, user_party
from okhook.sandbox.refusals import Validation
from okhook.sandbox.routes_users import listed_user
from okhook.sandbox.state import Json, whole_seconds


async def _list_groups(call: Call) -> Response:
    """Answer with a page of groups, oldest first. As in Okta, ``q`` has no second page."""
    q, test = first(call.params, "q"), search_and_filter(call.params)
    found = [
        group
        for group in (_with_links(call, each) for each in call.org.state.groups.values())
        if (test is None or test(group)) and (not q or begins_with(group["profile"]["name"], q))
    ]
    default = 300 if q else 10_000
    return page_answer(call, found, default=default, maximum=10_000, has_next=not q)


async def _create_group(call: Call) -> Response:
    profile = _profile(await call.json_object())
    check_unused("name", profile, call.org.state.groups.values())
    group_id, now = new_okta_id("00g"), whole_seconds(call.org.now())
    group = {
        "id": group_id,
        "created": now,
        "lastUpdated": now,
        "lastMembershipUpdated": now,
        "objectClass": ["okta:user_group"],
        "type": "OKTA_GROUP",
        "profile": profile,
    }
    call.org.state.members[group_id] = []
    return _changed(call, group, "group.lifecycle.create")


async def _get_group(call: Call) -> Response:
    return json_answer(_with_links(call, _group(call)))


async def _replace_group(call: Call) -> Response:
    body = await call.json_object()
    group = _group(call)
    profile = _profile(body)
    others = [each for each in call.org.state.groups.values() if each is not group]
    check_unused("name", profile, others)
    now = whole_seconds(call.org.now())
    return _changed(call, {**group, "lastUpdated": now, "profile": profile}, "group.profile.update")


async def _delete_group(call: Call) -> Response:
    group, state = _group(call), call.org.state
    del state.groups[group["id"]], state.members[group["id"]]
    call.record("group.lifecycle.delete", group_party(group))
    return Response(status_code=204)


async def _list_members(call: Call) -> Response:
    """Answer with a page of a group's users, in the order in which they joined."""
    state = call.org.state
    members = state.members[_group(call)["id"]]
    users = [listed_user(call, state.users[user_id]) for user_id in members]
    return page_answer(call, users, default=1000, maximum=1000)


async def _change_membership(call: Call) -> Response:
    """Add a user to a group, or remove it; a call that changes nothing causes no event."""
    group, state = _group(call), call.org.state
    user = state.user(call.path_params["user"])
    members = state.members[group["id"]]
    adds = call.request.method == "PUT"
    if adds == (user["id"] in members):
        return Response(status_code=204)
    if adds:
        members.append(user["id"])
    else:
        members.remove(user["id"])
    now = whole_seconds(call.org.now())
    state.groups[group["id"]] = {**group, "lastMembershipUpdated": now}
    event_type = f"group.user_membership.{'add' if adds else 'remove'}"
    call.record(event_type, user_party(user), group_party(group))
    return Response(status_code=204)


_GROUPS = "/api/v1/groups"
_GROUP = f"{_GROUPS}/{{group}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    ("GET", _GROUPS, _list_groups),
    ("POST", _GROUPS, _create_group),
    ("GET", _GROUP, _get_group),
    ("PUT", _GROUP, _replace_group),
    ("DELETE", _GROUP, _delete_group),
    ("GET", f"{_GROUP}/users", _list_members),
    ("PUT", f"{_GROUP}/users/{{user}}", _change_membership),
    ("DELETE", f"{_GROUP}/users/{{user}}", _change_membership),
)


def _group(call: Call) -> Json:
    return call.org.state.group(call.path_params["group"])


def _changed(call: Call, group: Json, event_type: str) -> Response:
    call.org.state.groups[group["id"]] = group
    call.record(event_type, group_party(group))
    return json_answer(_with_links(call, group))


def _with_links(call: Call, group: Json) -> Json:
    """Return a group with its links; the sandbox has none to logos."""
    url = f"{call.org.url}{_GROUPS}/{group['id']}"
    return {**group, "_links": {name: {"href": f"{url}/{name}"} for name in ("users", "apps")}}


def _profile(body: Json) -> Json:
    check = Validation("group")
    profile = check.object(body, "profile")
    description = None
    if profile is not None:
        check.text(profile, "name", longest=255)
        description = check.optional_text(profile, "description", longest=1024)
        check.attributes(profile)
    check.refuse_if_any()
    return {**(profile or {}), "description": description}
